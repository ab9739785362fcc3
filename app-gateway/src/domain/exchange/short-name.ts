const SHORT_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text can name an operator, an identity or a node, as site files name theirs. */
export function isShortName(text: string): boolean {
  return SHORT_NAME.test(text);
}
