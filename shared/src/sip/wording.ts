import { TOKEN } from './byte-class.ts';
import { skipClass } from './grammar.ts';
import type { MessageIndex } from './message-index.ts';

/** How a header line is written; all but plain ones are read differently by servers that are in use. */
export const Wording = {
  plain: 0,
  /** Folded, with white space before its colon or at its end, or with control characters. */
  loose: 1,
  /** Its name has characters that a token may have, and names of fields do not. */
  oddlyNamed: 2,
} as const;

/** A field's name as written. */
export function nameOf(index: MessageIndex, line: number): string {
  const start = index.lineStart[line] as number;
  return index.textAt(start, skipClass(index.bytes, start, index.lineEnd[line] as number, TOKEN));
}

/** A whole line with its CRLF: as it came where that is plain, and in one way only where it is not (RFC 3261 §7.3.1). */
export function lineOf(index: MessageIndex, line: number): string {
  return index.wording[line] === Wording.plain
    ? index.textAt(index.lineStart[line] as number, index.lineEnd[line] as number)
    : `${nameOf(index, line)}: ${index.value(line)}\r\n`;
}
