import { isIP } from 'node:net';
import { formatChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import type { Issued } from './authority.ts';
import { issueLeaf } from './leaf.ts';
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
 * Issues the certificate of one end of a channel, signed by the site's own CA.
 *
 * The role stands inside the name, so that a stolen proxy key cannot act as a gateway. Both
 * purposes are set because the direction of dialling is the site's choice.
 */
export function issueChannelCertificate(
  siteAuthority: Issued,
  request: ChannelCertificateRequest,
): Promise<Issued> {
  const { site, role, node, hosts, notBeforeMs, notAfterMs } = request;
  return issueLeaf(siteAuthority, {
    commonName: `${node} ${role} of ${site}`,
    uris: [formatChannelIdentity({ site, role, node })],
    dnsNames: hosts.filter((host) => isIP(host) === 0),
    ipAddresses: hosts.filter((host) => isIP(host) !== 0),
    usages: ['serverAuth', 'clientAuth'],
    notBeforeMs,
    notAfterMs,
  });
}
