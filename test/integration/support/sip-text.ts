import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';

/** What differs between the requests of the tests. */
export interface RequestParts {
  readonly method?: string;
  readonly requestUri?: string;
  readonly from?: string;
  readonly callId?: string;
  readonly branch?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A whole request as a partner sends it. */
export function request(parts: RequestParts = {}): string {
  const method = parts.method ?? 'MESSAGE';
  const body = parts.body ?? '';
  return [
    `${method} ${parts.requestUri ?? 'sip:bob@acme.example'} SIP/2.0`,
    `Via: SIP/2.0/TLS edge.globex.example:5061;branch=${parts.branch ?? 'z9hG4bK-test-1'}`,
    'Max-Forwards: 70',
    `From: <${parts.from ?? 'sip:alice@globex.example'}>;tag=from1`,
    'To: <sip:bob@acme.example>',
    `Call-ID: ${parts.callId ?? 'call-1@globex.example'}`,
    `CSeq: 1 ${method}`,
    ...(parts.headers ?? []),
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
    '',
    body,
  ].join('\r\n');
}

/** The same as the gateway sends it. */
export function ours(text: string): string {
  const branch = `z9hG4bK${nodeTag('acme', 'gateway-1')}.u1.l1`;
  return text.replace(/^Via: .*$/m, `Via: SIP/2.0/TLS sip.acme.example:5061;branch=${branch}`);
}

/** The response an inner server would give to a request of these tests. */
export function responseTo(text: string, status: string): string {
  const copied = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
  return [`SIP/2.0 ${status}`, ...copied, 'Content-Length: 0', '', ''].join('\r\n');
}
