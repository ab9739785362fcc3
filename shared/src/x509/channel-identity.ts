import type { Certificate } from './certificate.ts';

/** Which node of which site a channel certificate speaks for. */
export interface ChannelIdentity {
  readonly site: string;
  readonly role: 'proxy' | 'gateway';
  readonly node: string;
}

const PREFIX = /^urn:sallyport:/i;
const IDENTITY =
  /^urn:sallyport:([a-z0-9][a-z0-9-]{0,62}):(proxy|gateway):([a-z0-9][a-z0-9-]{0,62})$/;

/**
 * The channel identity in a certificate: its one URI `urn:sallyport:<site>:<proxy|gateway>:<node>`.
 *
 * A second one, or one spelled otherwise, gives none: a certificate has one role, for good.
 */
export function channelIdentity(certificate: Certificate): ChannelIdentity | undefined {
  const [uri, ...others] = (certificate.subjectAltName?.uri ?? []).filter((text) =>
    PREFIX.test(text),
  );
  return uri === undefined || others.length > 0 ? undefined : parseChannelIdentity(uri);
}

/** Parses the URN; names are lower-case letters, digits and hyphens, 1 to 63 characters. */
export function parseChannelIdentity(uri: string): ChannelIdentity | undefined {
  const [, site, role, node] = IDENTITY.exec(uri) ?? [];
  if (site === undefined || node === undefined) return undefined;
  return role === 'proxy' || role === 'gateway' ? { site, role, node } : undefined;
}

/** The URN for a certificate that is to be issued. */
export function formatChannelIdentity(identity: ChannelIdentity): string {
  return `urn:sallyport:${identity.site}:${identity.role}:${identity.node}`;
}
