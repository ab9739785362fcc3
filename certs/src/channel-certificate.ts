import { createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';
import { formatChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import { firstOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import type { Issued } from './authority.ts';
import { certifyLeaf, issueLeaf, type LeafRequest } from './leaf.ts';
import type { Validity } from './validity.ts';

/** Which end of which channel a certificate stands for. */
export interface ChannelCertificateRequest extends Validity {
  readonly site: string;
  readonly role: 'proxy' | 'gateway';
  readonly node: string;
  /** Host names and addresses under which the other end dials this one; may be empty. */
  readonly hosts: readonly string[];
}

/**
 * Issues the certificate of one end of a channel, signed by an authority of the site.
 *
 * The role stands inside the name, so that a stolen proxy key cannot act as a gateway. Both
 * purposes are set because the direction of dialling is the site's choice.
 */
export function issueChannelCertificate(
  authority: Issued,
  request: ChannelCertificateRequest,
): Promise<Issued> {
  return issueLeaf(authority, leafOf(authority, request));
}

/** The same for a P-256 key that its host made and keeps. */
export function certifyChannelKey(
  authority: Issued,
  request: ChannelCertificateRequest,
  spki: Buffer,
): Promise<string> {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const publicKey = key.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']);
  return certifyLeaf(authority, leafOf(authority, request), publicKey);
}

/** A certificate that outlives its authority would end with it all the same. */
function leafOf(authority: Issued, request: ChannelCertificateRequest): LeafRequest {
  const { site, role, node, hosts, notBeforeMs, notAfterMs } = request;
  return {
    commonName: `${node} ${role} of ${site}`,
    uris: [formatChannelIdentity({ site, role, node })],
    dnsNames: hosts.filter((host) => isIP(host) === 0),
    ipAddresses: hosts.filter((host) => isIP(host) !== 0),
    usages: ['serverAuth', 'clientAuth'],
    notBeforeMs,
    notAfterMs: Math.min(notAfterMs, endOf(authority)),
  };
}

function endOf({ certificatePem }: Issued): number {
  return firstOfPem(certificatePem)?.notAfterMs ?? Number.POSITIVE_INFINITY;
}
