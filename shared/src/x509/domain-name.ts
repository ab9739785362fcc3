const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN_NAME = new RegExp(`^(?:${LABEL}\\.)*${LABEL}$`, 'i');
const LOOSE_LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const LOOSE_NAME = new RegExp(`^(?:${LOOSE_LABEL}\\.)*${LOOSE_LABEL}$`, 'i');
const DOMAIN_CHARS_MAX = 253;
const NUMERIC_LAST_LABEL = /(?:^|\.)[0-9]+$/;

/**
 * Whether a text is a host name in preferred syntax (RFC 1123 §2.1, RFC 5280 §4.2.1.6).
 *
 * Letters, digits and inner hyphens only: no underscore, wildcard, empty label or trailing dot, and
 * no numeric last label, so that no IP address passes for a name. IDNs come as A-labels.
 */
export function isDomainName(text: string): boolean {
  return (
    text.length <= DOMAIN_CHARS_MAX && DOMAIN_NAME.test(text) && !NUMERIC_LAST_LABEL.test(text)
  );
}

/** A host name of two labels or more: in a common name, one word is rather somebody's name. */
export function isQualifiedDomainName(text: string): boolean {
  return text.includes('.') && isDomainName(text);
}

/** Whether name constraints can be applied to a text: a host name, with underscores let through. */
export function isConstrainableName(text: string): boolean {
  return text.length <= DOMAIN_CHARS_MAX && LOOSE_NAME.test(text);
}

/** Whether `name` is `base` or ends in `.base`; both in lower case. */
export function isAtOrBelow(name: string, base: string): boolean {
  return name === base || (name.endsWith(base) && name[name.length - base.length - 1] === '.');
}
