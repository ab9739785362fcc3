import { TOKEN } from './byte-class.ts';
import { endOfToken, isWord, skipClass, skipSpace } from './grammar.ts';
import { HeaderParameter } from './header-parameter.ts';

const DOT = 0x2e;
const SEMICOLON = 0x3b;
const ID = Buffer.from('id');
const parameter = new HeaderParameter();

/**
 * Index past the event type of a well-formed Event value, a package with its templates such as `presence.winfo`, or -1
 * (RFC 6665 §8.2.1): no empty package or template, `id` a token.
 */
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
