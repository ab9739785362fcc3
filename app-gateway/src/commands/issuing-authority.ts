import type { Issued } from '@sallyport/certs/authority.ts';
import { certifyChannelKey } from '@sallyport/certs/channel-certificate.ts';
import { issuingLibrary } from '@sallyport/certs/issuing-library.ts';
import { openIssuingAuthority, type SealedAuthority } from '@sallyport/certs/site-root.ts';
import { validForMs } from '@sallyport/certs/validity.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import type { ChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { derive, ISSUING_SEAL } from '../domain/derived-key.ts';
import type { ChannelAuthority, IssuedCertificate } from '../ports/channel-authority.ts';

/** The part of a gateway's bundle in which the authority lies. */
export interface SealedInBundle {
  readonly channelIssuing?: SealedAuthority;
  readonly clusterKey: Buffer;
}

/** The authority in a gateway's bundle, opened. */
export class IssuingAuthority implements ChannelAuthority {
  readonly #authority: Issued;

  constructor(authority: Issued) {
    this.#authority = authority;
  }

  /**
   * Undefined for bundles that have none: nothing is issued then, and certificates end. What issues is loaded here,
   * where nobody waits for an answer yet.
   */
  static async open({
    channelIssuing,
    clusterKey,
  }: SealedInBundle): Promise<Result<IssuingAuthority | undefined, string>> {
    if (channelIssuing === undefined) return ok(undefined);
    await issuingLibrary();
    const opened = openIssuingAuthority(channelIssuing, derive(clusterKey, ISSUING_SEAL));
    return opened.ok
      ? ok(new IssuingAuthority(opened.value))
      : err('channel-issuing.key: does not open with cluster.key; write the bundle anew');
  }

  async issue(
    { site, role, node }: ChannelIdentity,
    hosts: readonly string[],
    spki: Buffer,
    nowMs: number,
    lifeMs: number,
  ): Promise<IssuedCertificate> {
    const request = { site, role, node, hosts, ...validForMs(nowMs, lifeMs) };
    const pem = await certifyChannelKey(this.#authority, request, spki);
    const [der = Buffer.alloc(0)] = decodePem(pem, 'CERTIFICATE');
    const certificate = parseCertificate(der);
    if (!certificate.ok) throw new Error(`issued what is no certificate: ${certificate.error}`);
    const { serialHex, notAfterMs } = certificate.value;
    return { chainPem: pem + this.#authority.certificatePem, serial: serialHex, notAfterMs };
  }
}
