import { textOfBytes } from '@sallyport/shared/audit/wire-text.ts';
import { bracketed } from '@sallyport/shared/net/host-port.ts';
import type { EntryView } from './entry-view.ts';
import { fieldText } from './field-text.ts';

/** What stands where a message or a record has nothing, and where it could not be read (RFC 6873 §4.2). */
const ABSENT = '-';
const UNREADABLE = '?';
/** `A` + length, comma, thirteen pointers of four digits, line feed. */
const POINTER_LINE_BYTES = 61;
/** What must not be in a line as it is: control characters, separators, formatting, private and lone ones. */
const DANGEROUS = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** How a decoded record says an octet that is not UTF-8: by a lone surrogate. */
const OCTET_FIRST = 0xdc_80;
const OCTET_LAST = 0xdc_ff;

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
 * in the RFC's own example. A tab becomes a space, and what could steer a terminal or break a line is
 * percent-encoded. A field of a record is so short that it stays below the 4,096 octets of the RFC. There are no
 * optional fields.
 */
export function sipClf(view: EntryView, request?: EntryView): string | undefined {
  const direction = MESSAGES[view.type];
  if (direction === undefined) return undefined;
  const message = request === undefined && isResponse(view) ? 'r' : direction.message;
  const asked = request ?? view;
  const isUnread = asked.type === 'message-refused' && asked.fields['callId'] === undefined;
  const value = (name: string, none = ABSENT) =>
    clfValue(fieldText(view, name) ?? (request && fieldText(request, name)), none);
  // Every SIP message has these: if they are not there, they could not be read.
  const needed = (name: string) => value(name, isUnread ? UNREADABLE : ABSENT);
  // Every message at this edge travels over TCP; retransmissions are not for reliable transports.
  const transport = fieldText(view, 'transport') ?? (request && fieldText(request, 'transport'));
  const flags = `${message}O${direction.way}T${transport === 'TCP' ? 'U' : 'E'}`;
  const seconds = Math.floor(view.timeMs / 1000);
  const time = `${String(seconds).padStart(10, '0')}.${String(view.timeMs % 1000).padStart(3, '0')}`;
  // An answer goes back to where the request came from.
  const ends =
    request === undefined
      ? (['destination', 'source'] as const)
      : (['source', 'destination'] as const);
  const [to, from] = ends.map((side) => endpoint(asked, side));
  return withPointers(`${time}\t${flags}\t`, [
    needed('cseq'),
    message === 'R' ? ABSENT : value('status'),
    message === 'R' ? needed('requestUri') : ABSENT,
    to ?? ABSENT,
    from ?? ABSENT,
    needed('to'),
    value('toTag'),
    needed('from'),
    value('fromTag'),
    needed('callId'),
    value('serverTransaction'),
    value('clientTransaction'),
  ]);
}

/** What the edge answered to a request that it refused, which has no record of its own; undefined: nothing. */
export function refusalClf(view: EntryView): string | undefined {
  const isAnswered = view.type === 'message-refused' && view.fields['answeredBy'] !== undefined;
  return isAnswered ? sipClf({ ...view, type: 'message-answered' }, view) : undefined;
}

/** A response that was let in, refused, or sent over another connection, among what is mostly requests. */
function isResponse({ type, fields }: EntryView): boolean {
  if (fields['method'] !== undefined) return false;
  const isMaybe = type === 'message-refused' || type === 'message-sent';
  return type === 'message-admitted' || (isMaybe && fields['status'] !== undefined);
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
  const shown = [...pointers, end].map((pointer) => hex(pointer, 4));
  return `A${hex(end, 6)},${shown.join('')}\n${head}${mandatory.join('\t')}\n`;
}

function endpoint(view: EntryView, side: 'source' | 'destination'): string {
  const address = clfValue(fieldText(view, side), ABSENT);
  const port = view.fields[`${side}Port`];
  if (address === ABSENT) return ABSENT;
  const host = bracketed(address);
  return port === undefined ? host : `${host}:${clfValue(String(port), ABSENT)}`;
}

function clfValue(value: string | Uint8Array | undefined, none: string): string {
  if (value === undefined || value.length === 0) return none;
  const text = typeof value === 'string' ? value : textOfBytes(Buffer.from(value), 0, value.length);
  // A lone mark of the wire must not read as ours.
  if (text === ABSENT) return '%2D';
  if (text === UNREADABLE) return '%3F';
  return text.replace(DANGEROUS, escaped);
}

function escaped(character: string): string {
  if (character === '\t') return ' ';
  const code = character.codePointAt(0) ?? 0;
  const isOctet = code >= OCTET_FIRST && code <= OCTET_LAST;
  const octets = isOctet ? [code & 0xff] : Buffer.from(character);
  return Array.from(octets, (octet) => `%${hex(octet, 2)}`).join('');
}

function hex(number: number, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, '0');
}
