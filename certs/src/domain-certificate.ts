import type { Issued } from './authority.ts';
import type { KeyKind } from './key-pair.ts';
import { issueLeaf, type KeyUsageName } from './leaf.ts';
import type { Validity } from './validity.ts';

/** A SIP domain's certificate: the domains it speaks for and the hosts that carry it. */
export interface DomainCertificateRequest extends Validity {
  readonly domains: readonly [string, ...string[]];
  /** Further host names (DNS) that the same server answers to. */
  readonly hosts?: readonly string[];
  /** Purposes; both by default. Public CAs leave clientAuth out, which we accept in peers. */
  readonly usages?: readonly KeyUsageName[];
  readonly kind?: KeyKind;
}

/**
 * Issues the certificate with which a company's edge proves its SIP domains (RFC 5922 §7.1).
 *
 * Each domain stands as `sip:` URI and as DNS name: strict peers read the first and ignore
 * the second, older ones know only the second.
 */
export function issueDomainCertificate(
  authority: Issued,
  request: DomainCertificateRequest,
): Promise<Issued> {
  const { domains, hosts, usages, kind, notBeforeMs, notAfterMs } = request;
  return issueLeaf(authority, {
    commonName: domains[0],
    uris: domains.map((domain) => `sip:${domain}`),
    dnsNames: [...new Set([...domains, ...(hosts ?? [])])],
    usages: usages ?? ['serverAuth', 'clientAuth'],
    ...(kind === undefined ? {} : { kind }),
    notBeforeMs,
    notAfterMs,
  });
}
