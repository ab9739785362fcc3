import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { type AuditRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';

export const EPOCH = 0x1122_3344_5566_7788n;
export const TIME_MS = Date.UTC(2026, 10, 21, 8, 26, 54, 123);

/** What somebody outside could put into a header field to be taken for something else. A byte above 0x7f is not UTF-8. */
export const HOSTILE: readonly (readonly [what: string, value: string])[] = [
  ['CR', 'a\rb'],
  ['LF', 'a\nb'],
  ['a forged line', 'a\r\n<104>1 2026-11-21T08:00:00Z edge-1 sallyport - forged - CEF:0|x'],
  ['a forged frame', 'a 31 <104>1 - - - - - - all is well'],
  ['NUL', 'a\0b'],
  ['ESC', 'a\u001b[2J\u001b[1;1Hb'],
  ['DEL and C1 controls', 'a\u007f\u0085\u009b31mb'],
  ['pipes', '|0|||'],
  ['backslashes', '\\ \\n \\\\ \\'],
  ['equals signs', 'act=allowed duser=victim'],
  ['a key after a line end', 'x\nact=allowed'],
  ['quotes', '"\'"},"a":{"'],
  ['brackets', 'x"] [sallyport@32473 index="0"]'],
  ['bidi controls', '\u202egro.elpmaxe@live\u202c\u2066\u2069\u200f\u061c'],
  ['line and paragraph separators', 'a\u2028b\u2029c'],
  ['zero-width, tags and a byte order mark', '\ufeffa\u200bb\u{e0041}'],
  ['percent signs and shell', '%n%s$(reboot)`x`'],
  ['not UTF-8', 'a\udcff\udcc0\udc80b'],
  ['a text that looks like an escape', '\\u{202e}\\xff'],
  ['other scripts', 'Grüße 東京 🎉'],
  ['nothing', ''],
];

/** A record in its place in the ledger. */
export function entryOf(
  index: number,
  type: AuditTypeName,
  fields: AuditRecord['fields'],
  seq = index,
): LedgerEntry {
  return {
    index,
    day: '2026-11-21',
    source: { node: 'edge-1', worker: 2, epoch: EPOCH },
    seq,
    record: encodeRecord({ type, timeMs: TIME_MS, seq, fields }),
  };
}

/** A message that was turned away; what is asked for is hostile or long in the places that the wire decides. */
export function refusedMessage(index: number, value: string): LedgerEntry {
  return entryOf(index, 'message-refused', {
    connection: 7,
    source: '192.0.2.7',
    sourcePort: 40_001,
    destination: '198.51.100.1',
    destinationPort: 5061,
    partner: 'globex',
    method: 'INVITE',
    requestUri: `sip:${value}@acme.example`,
    status: 403,
    callId: value,
    from: value,
    to: value,
    size: 612,
    code: 'method-not-allowed',
    rule: 'partner/globex/methods',
  });
}
