import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';

/** What a peer can put into a value, and what it would do where it is not escaped. */
export const HOSTILE: readonly (readonly [name: string, octets: Buffer])[] = [
  ['plain', Buffer.from('alice@globex.example')],
  ['carriage return and line feed', Buffer.from('a\r\nb')],
  ['line feed', Buffer.from('a\nb')],
  ['carriage return', Buffer.from('a\rb')],
  ['NUL', Buffer.from('a\0b')],
  ['tab', Buffer.from('a\tb')],
  ['escape sequence', Buffer.from('a\x1b[2J\x1b]0;title\x07b')],
  ['C1 control sequence introducer', Buffer.from('a\u009b31mb')],
  ['delete and backspace', Buffer.from('a\x7f\bb')],
  ['pipe', Buffer.from('a|b')],
  ['quotes', Buffer.from('a"b\'c')],
  ['comma and semicolon', Buffer.from('a,b;c')],
  ['backslash', Buffer.from('a\\nb')],
  ['an escape that was typed', Buffer.from('a\\u{202e}b')],
  ['an octet that was typed', Buffer.from('a\\xffb')],
  ['markup', Buffer.from('<script>alert(1)</script><b a="&amp;">')],
  ['bidi embedding', Buffer.from('a\u202ab\u202bc\u202cd\u202de\u202ef')],
  ['bidi isolates', Buffer.from('a\u2066b\u2067c\u2068d\u2069e')],
  ['bidi marks', Buffer.from('a\u200eb\u200fc\u061cd')],
  ['zero width', Buffer.from('a\u200bb\u200cc\u200dd\ufeffe')],
  ['line and paragraph separators', Buffer.from('a\u2028b\u2029c')],
  ['tag characters', Buffer.from('a\u{e0041}b')],
  ['octets that are no UTF-8', Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0x62])],
  ['overlong and half characters', Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf0, 0x9f])],
  ['a formula', Buffer.from('=HYPERLINK("http://evil.example","x")')],
  ['plus', Buffer.from('+49 30 1')],
  ['minus', Buffer.from('-1+1')],
  ['at', Buffer.from('@SUM(A1)')],
  ['apostrophe', Buffer.from("'=1")],
  ['a formula behind a semicolon', Buffer.from('a;=1+1;b')],
  ['a quoted formula behind a semicolon', Buffer.from('a;"=1+1;b')],
  ['a formula behind a space', Buffer.from('a; \u00a0@SUM(A1)')],
  ['an apostrophe behind a semicolon', Buffer.from("a;'b;'=1")],
  ['a wide equals sign', Buffer.from('\uff1d1+1')],
  ['hyphen alone', Buffer.from('-')],
  ['prototype', Buffer.from('__proto__')],
  ['letters of all kinds', Buffer.from('grüße 你好 שלום 👍')],
];

/** A message from a peer who put this into whatever they could. */
export function hostileEntry(value: Buffer, index = 7): LedgerEntry {
  const record = encodeRecord({
    type: 'message-admitted',
    timeMs: Date.UTC(2026, 10, 21, 8, 0, 0, index),
    seq: index,
    fields: {
      partner: value,
      source: '192.0.2.7',
      sourcePort: 5061,
      method: value,
      requestUri: value,
      cseq: value,
      callId: value,
      from: value,
      fromTag: value,
      to: value,
      serverTransaction: value,
    } as never,
  });
  return {
    index,
    day: '2026-11-21',
    source: { node: 'edge-1', worker: 0, epoch: 0x11n },
    seq: index,
    record,
  };
}
