/** Characters of a domain's name (RFC 1035 §2.3.4). */
const NAME_CHARS_MAX = 253;

/**
 * Whether a name is one of these domains or below one; all in lower case.
 *
 * Of a longer text only the end is looked at, where a domain would stand: a peer may write thousands of labels, and each look
 * costs as much as the text that is left.
 */
export function isWithinDomains(name: string, domains: ReadonlySet<string>): boolean {
  if (domains.has(name)) return true;
  let dot = name.indexOf('.', name.length - NAME_CHARS_MAX - 1);
  for (; dot >= 0; dot = name.indexOf('.', dot + 1)) {
    if (domains.has(name.slice(dot + 1))) return true;
  }
  return false;
}
