/** Characters of a domain's name (RFC 1035 §2.3.4). */
const NAME_CHARS_MAX = 253;

/** Whether a name is one of these domains or below one; all in lower case. */
export function isWithinDomains(name: string, domains: ReadonlySet<string>): boolean {
  return closestDomain(name, (domain) => domains.has(domain)) !== undefined;
}

/**
 * The longest of the known domains that a name is, or is below; all in lower case.
 *
 * Of a longer text only the end is looked at, where a domain would stand: a peer may write thousands of labels, and each look
 * costs as much as the text that is left.
 */
export function closestDomain(
  name: string,
  isKnown: (domain: string) => boolean,
): string | undefined {
  if (isKnown(name)) return name;
  let dot = name.indexOf('.', name.length - NAME_CHARS_MAX - 1);
  for (; dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const domain = name.slice(dot + 1);
    if (isKnown(domain)) return domain;
  }
  return undefined;
}
