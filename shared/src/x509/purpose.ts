import type { Certificate } from './certificate.ts';
import type { PathPolicy } from './path-policy.ts';

/** What the peer is on the connection that is being judged: the TLS client or the TLS server. */
export type Purpose = 'client' | 'server';

/** id-kp-serverAuth, id-kp-clientAuth (RFC 5280 §4.2.1.12). */
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** id-kp-sipDomain: accepted and never demanded (RFC 5924 §4). */
const SIP_DOMAIN = '1.3.6.1.5.5.7.3.20';
const ANY = '2.5.29.37.0';

const ACCEPTED: Readonly<
  Record<PathPolicy['purposes'], Readonly<Record<Purpose, readonly string[]>>>
> = {
  federation: {
    // Public CAs no longer issue clientAuth, so a server certificate also speaks for a federating client.
    client: [CLIENT_AUTH, SERVER_AUTH, SIP_DOMAIN],
    server: [SERVER_AUTH, SIP_DOMAIN],
  },
  strict: { client: [CLIENT_AUTH], server: [SERVER_AUTH] },
};

/**
 * Whether one purpose that fits is granted by the leaf and by every CA above it (RFC 5280 §4.2.1.12).
 *
 * A CA without the extension, or with anyExtendedKeyUsage, grants what is below it; a leaf like that is
 * left to policy. A CA with the extension limits all below it, as every large verifier reads it.
 */
export function grantsPurpose(
  path: readonly Certificate[],
  purpose: Purpose,
  policy: PathPolicy,
): boolean {
  const [leaf, ...issuers] = path.map((certificate) => certificate.extensions.extendedKeyUsage);
  if (leaf === undefined && !policy.acceptNoExtendedKeyUsage) return false;
  const isOpen = leaf === undefined || (policy.acceptAnyExtendedKeyUsage && leaf.includes(ANY));
  return ACCEPTED[policy.purposes][purpose].some(
    (wanted) =>
      (isOpen || leaf.includes(wanted)) &&
      issuers.every(
        (usage) => usage === undefined || usage.includes(ANY) || usage.includes(wanted),
      ),
  );
}
