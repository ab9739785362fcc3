/** A whole SIP message as text, one character for each byte. */
export class SipText {
  readonly text: string;
  readonly startLine: string;
  readonly receivedAtMs: number;

  constructor(text: string, receivedAtMs = 0) {
    this.text = text;
    this.startLine = text.slice(0, text.indexOf('\r\n'));
    this.receivedAtMs = receivedAtMs;
  }

  /** Undefined for a response. */
  get method(): string | undefined {
    return this.startLine.startsWith('SIP/2.0 ') ? undefined : this.startLine.split(' ', 1)[0];
  }

  get requestUri(): string {
    return this.startLine.split(' ')[1] ?? '';
  }

  /** 0 for a request. */
  get status(): number {
    return this.method === undefined ? Number(this.startLine.slice(8, 11)) : 0;
  }

  get isFinal(): boolean {
    return this.status >= 200;
  }

  get callId(): string {
    return this.header('Call-ID');
  }

  /** First value of a field, by its long name; empty when there is none. */
  header(name: string): string {
    return this.headers(name)[0] ?? '';
  }

  headers(name: string): readonly string[] {
    const prefix = `${name.toLowerCase()}:`;
    return this.text
      .slice(0, this.text.indexOf('\r\n\r\n'))
      .split('\r\n')
      .filter((line) => line.toLowerCase().startsWith(prefix))
      .map((line) => line.slice(prefix.length).trim());
  }
}

/** What differs between requests; the rest is alice of globex writing to bob of acme. */
export interface RequestWishes {
  readonly uri?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly sentBy?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

let counter = 0;

/** A request of a partner, with a branch and, unless told otherwise, a Call-ID of its own. */
export function requestText(method: string, wishes: RequestWishes = {}): string {
  const number = ++counter;
  const body = wishes.body ?? '';
  return [
    `${method} ${wishes.uri ?? 'sip:bob@acme.example'} SIP/2.0`,
    `Via: SIP/2.0/TLS ${wishes.sentBy ?? 'edge.globex.example'};branch=z9hG4bKpair${number}`,
    'Max-Forwards: 70',
    `From: ${wishes.from ?? '<sip:alice@globex.example>'};tag=from${number}`,
    `To: ${wishes.to ?? '<sip:bob@acme.example>'}`,
    `Call-ID: ${wishes.callId ?? `pair${number}@globex.example`}`,
    `CSeq: ${wishes.cseq ?? 1} ${method}`,
    ...(wishes.headers ?? []),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** A response to a request as the far side of it gives one: with its Record-Route, and a tag in To. */
export function answerText(
  request: SipText,
  status: string,
  headers: readonly string[] = [],
  body = '',
): string {
  const to = request.header('To');
  return [
    `SIP/2.0 ${status}`,
    ...request.headers('Via').map((value) => `Via: ${value}`),
    ...request.headers('Record-Route').map((value) => `Record-Route: ${value}`),
    `From: ${request.header('From')}`,
    `To: ${/;tag=/.test(to) ? to : `${to};tag=answer`}`,
    `Call-ID: ${request.callId}`,
    `CSeq: ${request.header('CSeq')}`,
    ...headers,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** A later request of the dialog that the caller's request and the 2xx to it have made (RFC 3261 §12.2.1.1). */
export function inDialogText(
  method: string,
  request: SipText,
  success: SipText,
  cseq: number,
  headers: readonly string[] = [],
): string {
  const text = requestText(method, {
    uri: /<([^>]*)>/.exec(success.header('Contact'))?.[1] ?? '',
    to: success.header('To'),
    callId: success.callId,
    cseq,
    headers: [
      ...success
        .headers('Record-Route')
        .toReversed()
        .map((value) => `Route: ${value}`),
      ...headers,
    ],
  });
  return text.replace(/^From: .*$/m, `From: ${request.header('From')}`);
}

/** A request by the callee in the dialog that it answered (RFC 3261 §12.1.1). */
export function calleeText(method: string, request: SipText, cseq: number): string {
  const text = requestText(method, {
    uri: /<([^>]*)>/.exec(request.header('Contact'))?.[1] ?? '',
    to: request.header('From'),
    callId: request.callId,
    cseq,
    headers: request.headers('Record-Route').map((value) => `Route: ${value}`),
  });
  return text.replace(/^From: .*$/m, `From: ${request.header('To')};tag=answer`);
}
