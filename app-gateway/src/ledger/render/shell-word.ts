/** Letters and digits of any language, and the signs that no shell reads as more than themselves. */
const PLAIN = /^[\p{L}\p{N}_@%+=:,./-]+$/u;

/** A path as one word of a command that people copy into their shell: as it is, or within apostrophes. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
