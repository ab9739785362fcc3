const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COMMA = 0x2c;
const LESS = 0x3c;
const GREATER = 0x3e;

/**
 * Parts of a field value that holds several (RFC 3261 §7.3.1), white space trimmed.
 *
 * Commas inside quoted strings and between `<` and `>` separate nothing. Empty parts are kept: whoever
 * reads the parts refuses them, so that a stray comma is a fault and not repaired in silence.
 */
export function splitList(value: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  let isBracketed = false;
  for (let at = 0; at < value.length; at++) {
    const char = value.charCodeAt(at);
    if (isQuoted) {
      if (char === BACKSLASH) at++;
      else if (char === QUOTE) isQuoted = false;
    } else if (char === QUOTE) {
      isQuoted = true;
    } else if (char === LESS) {
      isBracketed = true;
    } else if (char === GREATER) {
      isBracketed = false;
    } else if (char === COMMA && !isBracketed) {
      parts.push(value.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(value.slice(start).trim());
  return parts;
}
