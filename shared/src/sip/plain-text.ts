/**
 * Latin1 text of a field's value as every reader takes it: on one line (RFC 3261 §7.3.1), and without control characters.
 *
 * A fold becomes a space. So does a control character behind the backslash that let it into a quoted string: it says
 * nothing, and there are servers for which a message ends at NUL.
 */
export function plainText(text: string): string {
  return unfolded(text).replace(ESCAPED_CONTROL, ' ');
}

/** The text on one line: each fold, with the white space around it, is a space (RFC 3261 §7.3.1). */
export function unfolded(text: string): string {
  return text.replace(FOLD, ' ');
}

/** White space counts from its first character alone: tried from each, thousands of spaces would cost their square. */
const FOLD = /(?:(?<![ \t])[ \t]+)?\r\n[ \t]+/g;
const ESCAPED_CONTROL = /\\(?=\p{ASCII})(?![\t\r\n])\p{Cc}/gu;
