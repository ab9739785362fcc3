import type { EntryView } from './entry-view.ts';
import { fieldText } from './field-text.ts';
import { visibleText } from './visible-text.ts';

/** What stands where a message or a record has nothing (RFC 6873 §4.2). */
const ABSENT = '-';
/** `A` + length, comma, thirteen pointers of four digits, line feed. */
const POINTER_LINE_BYTES = 61;
const POINTER_MAX = 0xff_ff;
const VALUE_BYTES_MAX = 4000;

interface Direction {
  readonly message: 'R' | 'r';
  readonly way: 'S' | 'R';
}

/** Types that are SIP messages, and which way they went as seen from the edge. */
const MESSAGES: Readonly<Record<string, Direction>> = {
  'message-admitted': { message: 'R', way: 'R' },
  'message-refused': { message: 'R', way: 'R' },
  'message-answered': { message: 'r', way: 'S' },
  'message-sent': { message: 'R', way: 'S' },
  'response-received': { message: 'r', way: 'R' },
};

/**
 * A record in the indexed text format of the SIP Common Log Format (RFC 6873 §4); undefined: it is no SIP message.
 *
 * An answer holds only what the request did not say: `request` lends it the rest. Pointers count octets from 1, as
 * in the RFC's own examples. A value that holds TAB, CR, LF or anything else that is no plain text is escaped with
 * backslashes. There are no optional fields.
 */
export function sipClf(view: EntryView, request?: EntryView): string | undefined {
  const direction = MESSAGES[view.type];
  if (direction === undefined) return undefined;
  const isStray = view.type === 'message-admitted' && view.fields['requestUri'] === undefined;
  const message = isStray ? 'r' : direction.message;
  const value = (name: string) =>
    clfValue(fieldText(view, name) ?? (request && fieldText(request, name)));
  // Every message at this edge travels over TLS on TCP; retransmissions are not for reliable transports.
  const flags = `${message}O${direction.way}TE`;
  const seconds = Math.floor(view.timeMs / 1000);
  const time = `${String(seconds).padStart(10, '0')}.${String(view.timeMs % 1000).padStart(3, '0')}`;
  // An answer goes back to where the request came from.
  const ends =
    request === undefined
      ? (['destination', 'source'] as const)
      : (['source', 'destination'] as const);
  const [to, from] = ends.map((side) => endpoint(request ?? view, side));
  return withPointers(`${time}\t${flags}\t`, [
    value('cseq'),
    value('status'),
    message === 'R' ? value('requestUri') : ABSENT,
    to ?? ABSENT,
    from ?? ABSENT,
    value('to'),
    value('toTag'),
    value('from'),
    value('fromTag'),
    value('callId'),
    value('serverTransaction'),
    value('clientTransaction'),
  ]);
}

/** Puts before the fields where each begins, where optional ones would, and how long everything is. */
function withPointers(head: string, mandatory: readonly string[]): string {
  let at = POINTER_LINE_BYTES + head.length + 1;
  const pointers: number[] = [];
  for (const field of mandatory) {
    pointers.push(at);
    at += Buffer.byteLength(field) + 1;
  }
  const end = at - 1;
  const shown = [...pointers, end].map((pointer) => hex(Math.min(pointer, POINTER_MAX), 4));
  return `A${hex(end, 6)},${shown.join('')}\n${head}${mandatory.join('\t')}\n`;
}

function endpoint(view: EntryView, side: 'source' | 'destination'): string {
  const address = clfValue(fieldText(view, side));
  const port = view.fields[`${side}Port`];
  if (address === ABSENT) return ABSENT;
  const host = address.includes(':') ? `[${address}]` : address;
  return port === undefined ? host : `${host}:${clfValue(String(port))}`;
}

function clfValue(value: string | Uint8Array | undefined): string {
  if (value === undefined || value.length === 0) return ABSENT;
  const visible = visibleText(value);
  // A lone hyphen of the wire must not read as nothing.
  return visible === ABSENT ? '\\u{2d}' : visible.slice(0, VALUE_BYTES_MAX);
}

function hex(number: number, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, '0');
}
