/** The text with every `%HH` as the byte that it stands for, in latin1 (RFC 3261 §25.1 `escaped`). */
export function unescapedText(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
