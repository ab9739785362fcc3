import { isUtf8 } from 'node:buffer';
import { textOfBytes } from '@sallyport/shared/audit/wire-text.ts';

/**
 * What must not reach a terminal, a line or a cell as it is: control characters, line and paragraph separators,
 * formatting characters (bidi controls, zero-width ones, tags), private and unassigned ones, lone surrogates.
 */
const DANGEROUS = /[\\\p{C}\p{Zl}\p{Zp}]/gu;
const PLAIN = /^[ -[\]-~]*$/;
/** How a decoded record says an octet that is not UTF-8: by a lone surrogate. */
const OCTET_FIRST = 0xdc_80;
const OCTET_LAST = 0xdc_ff;

/**
 * A value from the wire as text that steers nothing and breaks no line, and that can be told apart from any other:
 * a backslash is doubled, a dangerous character becomes `\u{202e}`, an octet that is not UTF-8 `\xff`.
 *
 * Quotes, pipes, commas and angle brackets stay: what they mean is for each format to say.
 */
export function visibleText(value: string | Uint8Array): string {
  const text = typeof value === 'string' ? value : textOfBytes(Buffer.from(value), 0, value.length);
  return PLAIN.test(text) ? text : text.replace(DANGEROUS, escaped);
}

/** The text, if every octet of it is UTF-8. */
export function decodedText(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : undefined;
}

function escaped(character: string): string {
  if (character === '\\') return '\\\\';
  const code = character.codePointAt(0) ?? 0;
  const isOctet = code >= OCTET_FIRST && code <= OCTET_LAST;
  return isOctet ? `\\x${(code & 0xff).toString(16)}` : `\\u{${code.toString(16)}}`;
}
