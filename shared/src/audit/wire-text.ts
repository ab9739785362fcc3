import { Buffer, isUtf8 } from 'node:buffer';

const REPLACEMENT = '\ufffd';
const ESCAPE = 0xdc_00;

/**
 * Bytes as text that can be turned back into the same bytes.
 *
 * What is not UTF-8 stands in the text as U+DC80 to U+DCFF, one for each byte: a lone surrogate, which no UTF-8 can
 * say, so that nothing is lost, nothing looks like something else, and whoever shows it sees that it must be escaped.
 */
export function textOfBytes(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes(REPLACEMENT) || isUtf8(bytes.subarray(start, end))) return text;
  let escaped = '';
  let at = start;
  while (at < end) {
    const length = utf8LengthAt(bytes, at, end);
    escaped +=
      length === 0
        ? String.fromCharCode(ESCAPE | (bytes[at] as number))
        : bytes.toString('utf8', at, at + length);
    at += length === 0 ? 1 : length;
  }
  return escaped;
}

/** The bytes that such a text stands for; any other lone surrogate is no text and becomes U+FFFD. */
export function bytesOfText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    const isEscape = code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff;
    parts.push(isEscape ? Buffer.of(code & 0xff) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** Length of the character that starts at `at`, or 0 where none does. */
function utf8LengthAt(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at] as number;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return at + length <= end && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
