import { normalizeAddress } from '../net/address.ts';
import type { Certificate } from './certificate.ts';
import { isDomainName, isQualifiedDomainName } from './domain-name.ts';

/** The SIP domains that a certificate stands for, in lower case, and the field they came from. */
export interface SipIdentities {
  readonly source: 'uri' | 'dns' | 'cn' | 'none';
  readonly domains: readonly string[];
}

/** Read once per parsed certificate: what it says cannot change. */
const KNOWN = new WeakMap<Certificate, SipIdentities>();

const SIP_SCHEME = /^sip:/i;
const SIP_DOMAIN_URI = /^sip:([^:;?@]+)(?::\d{1,5})?(?:;[^?@]*)?(?:\?[^@]*)?$/i;

/**
 * Finds the SIP domain identities of a certificate that path validation has accepted (RFC 5922 §7.1).
 *
 * URIs of scheme `sip` come first; any of them silences the DNS names, one with a userpart included
 * (it names a user, and a certificate made for a user must not speak for a domain by its DNS names).
 * `sips` URIs are not identities and silence nothing. The common name counts only without any
 * subjectAltName, only if there is exactly one, and only with a dot in it. Never wildcards, suffixes, or names that are not
 * plain host names; a trailing dot makes a name not plain.
 */
export function sipIdentities(certificate: Certificate): SipIdentities {
  let known = KNOWN.get(certificate);
  if (known === undefined) {
    known = readIdentities(certificate);
    KNOWN.set(certificate, known);
  }
  return known;
}

function readIdentities(certificate: Certificate): SipIdentities {
  const names = certificate.subjectAltName;
  if (names === undefined) {
    const [commonName, ...others] = certificate.subjectCommonNames;
    const isUsable = commonName !== undefined && others.length === 0;
    return identities('cn', isUsable && isQualifiedDomainName(commonName) ? [commonName] : []);
  }
  const uris = names.uri.filter((uri) => SIP_SCHEME.test(uri));
  if (uris.length === 0) return identities('dns', names.dns);
  return identities(
    'uri',
    uris.flatMap((uri) => SIP_DOMAIN_URI.exec(uri)?.[1] ?? []),
  );
}

/**
 * Whether a certificate stands for the domain asked for (RFC 5922 §7.2), without regard to case.
 *
 * Ask for the domain of the URI, never for the target of an SRV record (§7.3). One trailing dot in the
 * question is the DNS root and ignored.
 */
export function coversDomain(certificate: Certificate, domain: string): boolean {
  const asked = domain.toLowerCase().replace(/\.$/, '');
  return sipIdentities(certificate).domains.includes(asked);
}

/**
 * Whether a certificate names an IP address, for a next hop that is configured by address alone.
 *
 * RFC 5922 knows no such identity, so this never authorises a domain (RFC 9525 §6.5).
 */
export function coversAddress(certificate: Certificate, address: string): boolean {
  const asked = normalizeAddress(address);
  return asked !== undefined && (certificate.subjectAltName?.ip ?? []).includes(asked);
}

function identities(source: 'uri' | 'dns' | 'cn', candidates: readonly string[]): SipIdentities {
  const domains = new Set(candidates.filter(isDomainName).map((name) => name.toLowerCase()));
  return domains.size === 0 ? { source: 'none', domains: [] } : { source, domains: [...domains] };
}
