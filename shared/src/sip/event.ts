import { err, ok, type Result } from '../result.ts';
import { TOKEN } from './byte-class.ts';
import { bytesOf, endOfToken, isWord, skipClass, skipSpace } from './grammar.ts';
import { HeaderParameter } from './header-parameter.ts';
import { type Parameters, parseParameters } from './parameters.ts';
import type { SipFault } from './sip-fault.ts';

/** What a subscription is about (RFC 6665 §8.2.1). */
export interface Event {
  /** Package with its templates, such as `presence.winfo`; compared byte for byte. */
  readonly eventType: string;
  readonly id?: string;
  readonly parameters: Parameters;
}

const DOT = 0x2e;
const SEMICOLON = 0x3b;
const ID = Buffer.from('id');
const parameter = new HeaderParameter();

/** Index past the event type of a well-formed Event value, or -1: no empty package or template, `id` a token. */
export function endOfEventType(bytes: Uint8Array, start: number, end: number): number {
  const typeEnd = endOfToken(bytes, start, end);
  if (typeEnd < 0 || bytes[start] === DOT || bytes[typeEnd - 1] === DOT) return -1;
  for (let at = start + 1; at < typeEnd; at++) {
    if (bytes[at] === DOT && bytes[at - 1] === DOT) return -1;
  }
  let at = skipSpace(bytes, typeEnd, end);
  while (at < end && bytes[at] === SEMICOLON) {
    at = parameter.scan(bytes, at, end);
    if (at < 0 || !isIdToken(bytes)) return -1;
  }
  return at === end ? typeEnd : -1;
}

function isIdToken(bytes: Uint8Array): boolean {
  const { nameStart, nameEnd, valueStart, valueEnd } = parameter;
  if (!isWord(bytes, nameStart, nameEnd, ID)) return true;
  return valueStart >= 0 && skipClass(bytes, valueStart, valueEnd, TOKEN) === valueEnd;
}

/** Reads an Event value. */
export function parseEvent(text: string): Result<Event, SipFault> {
  const bytes = bytesOf(text);
  const typeEnd = bytes === undefined ? -1 : endOfEventType(bytes, 0, bytes.length);
  if (bytes === undefined || typeEnd < 0) return err('sip-event-malformed');
  const parameters = parseParameters(text, bytes, skipSpace(bytes, typeEnd, bytes.length));
  if (parameters === undefined) return err('sip-event-malformed');
  const id = parameters.get('id');
  return ok({ eventType: text.slice(0, typeEnd), ...(id !== undefined && { id }), parameters });
}
