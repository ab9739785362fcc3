import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { LIMITS } from '../../domain/core/core-stage.ts';

/** A request of alice of globex to bob of acme, scanned. */
export function requestIndex({
  method = 'MESSAGE',
  from = '<sip:alice@globex.example>;tag=1',
  to = '<sip:bob@acme.example>',
  body = 'hello',
} = {}): MessageIndex {
  const bytes = Buffer.from(
    `${method} sip:bob@acme.example SIP/2.0\r\nFrom: ${from}\r\nTo: ${to}\r\nCall-ID: c1\r\n` +
      `CSeq: 1 ${method}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const index = new MessageIndex(LIMITS);
  index.scan(bytes, 0, bytes.length);
  return index;
}
