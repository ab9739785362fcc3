import type { ChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';

/** A channel certificate that has just been made. */
export interface IssuedCertificate {
  /** The certificate, and behind it the authority that issued it; PEM. */
  readonly chainPem: string;
  /** Lower-case hexadecimal. */
  readonly serial: string;
  readonly notAfterMs: number;
}

/** Port. What issues channel certificates while the site runs; its key is on gateways only. */
export interface ChannelAuthority {
  /** For a P-256 key (SubjectPublicKeyInfo) whose holder has been checked. */
  issue(
    identity: ChannelIdentity,
    hosts: readonly string[],
    spki: Buffer,
    nowMs: number,
    lifeMs: number,
  ): Promise<IssuedCertificate>;
}
