import { type Certificate, isSelfIssued } from './certificate.ts';

const ANY_POLICY = '2.5.29.32.0';

/**
 * Whether the certificate policies of a path, given from the anchor's side down, hold together.
 *
 * We ask for no policy ourselves, so they matter only where a CA demands one (requireExplicitPolicy).
 * Then every certificate below the anchor must name one policy in common. That is narrower than the
 * policy tree of RFC 5280 §6.1: mappings are never followed, so a path that needs one is refused.
 */
export function holdPolicies(below: readonly Certificate[], anchor: Certificate): boolean {
  const start = { explicitAfter: Infinity, anyPolicyAfter: Infinity };
  const skips = lowered(start, anchor, 0);
  let common: ReadonlySet<string> | 'any' = 'any';
  let hasMapping = false;
  for (const [n, certificate] of below.entries()) {
    const isLast = n === below.length - 1;
    const isRollover = isSelfIssued(certificate) && !isLast;
    const acceptsAny = skips.anyPolicyAfter > 0 || isRollover;
    common = intersect(common, certificate.extensions.certificatePolicies ?? [], acceptsAny);
    const isEmpty = common !== 'any' && common.size === 0;
    if (skips.explicitAfter <= 0 && (isEmpty || hasMapping)) return false;
    hasMapping ||= certificate.extensions.hasPolicyMappings;
    Object.assign(skips, lowered(skips, certificate, isRollover ? 0 : 1));
    if (isLast && skips.explicitAfter <= 0 && (isEmpty || hasMapping)) return false;
  }
  return true;
}

interface Skips {
  /** How many certificates may still follow before a policy is demanded, or anyPolicy ignored. */
  readonly explicitAfter: number;
  readonly anyPolicyAfter: number;
}

function lowered(
  skips: Skips,
  certificate: Certificate,
  step: number,
): { -readonly [K in keyof Skips]: number } {
  const { requireExplicitPolicy, inhibitAnyPolicy } = certificate.extensions;
  return {
    explicitAfter: Math.min(skips.explicitAfter - step, requireExplicitPolicy ?? Infinity),
    anyPolicyAfter: Math.min(skips.anyPolicyAfter - step, inhibitAnyPolicy ?? Infinity),
  };
}

function intersect(
  common: ReadonlySet<string> | 'any',
  named: readonly string[],
  acceptsAny: boolean,
): ReadonlySet<string> | 'any' {
  if (acceptsAny && named.includes(ANY_POLICY)) return common;
  const plain = new Set(named.filter((policy) => policy !== ANY_POLICY));
  return common === 'any' ? plain : common.intersection(plain);
}
