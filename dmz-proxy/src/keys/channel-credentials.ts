import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { channelIdentity, formatChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { channelPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { replaceDurably } from '../bundle/durable-file.ts';

/** What this host shows on its channels, and the dates by which it is renewed. */
export interface OwnCredentials extends ChannelCredentials {
  readonly leaf: Certificate;
}

/** Why a certificate is not ours to use. */
export type CredentialsFault =
  | 'certificate-malformed'
  | 'certificate-key-other'
  | 'certificate-name-other'
  | 'certificate-path-invalid';

const FILE = 'channel.pem';
const FILE_BYTES_MAX = 65_536;
const KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/;

/**
 * What to show now: the bundle's certificate or the one renewed since, whichever of those that are good is younger.
 *
 * Without a good one it is the bundle's: peers will refuse it, and their log and ours say why.
 */
export function currentCredentials(bundle: Bundle, atMs: number): OwnCredentials | undefined {
  const given = ownCredentials(bundle, bundle.channelCertificatePem, bundle.channelKeyPem);
  const renewed = readRenewed(bundle);
  const isGood = (one: OwnCredentials | undefined): one is OwnCredentials =>
    one !== undefined && credentialsFault(bundle, one, atMs) === undefined;
  if (!isGood(renewed)) return given;
  if (!isGood(given)) return renewed;
  return given.leaf.notBeforeMs > renewed.leaf.notBeforeMs ? given : renewed;
}

/** Takes a certificate that a gateway issued for our new key, if it is what was asked for. */
export function acceptIssued(
  bundle: Pick<Bundle, 'config' | 'channelAuthorityPem'>,
  chainPem: string,
  keyPem: string,
  atMs: number,
): Result<OwnCredentials, CredentialsFault> {
  const issued = ownCredentials(bundle, chainPem, keyPem);
  if (issued === undefined) return err('certificate-malformed');
  const fault = credentialsFault(bundle, issued, atMs);
  return fault === undefined ? ok(issued) : err(fault);
}

/** Keeps a renewed certificate over restarts, in one file with its key, so that they belong together. */
export function keepRenewed(
  bundle: Bundle,
  worker: number,
  { keyPem, certificatePem }: OwnCredentials,
): boolean {
  const path = pathIn(bundle);
  try {
    replaceDurably(path, keyPem + certificatePem, `${path}.${worker}`);
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with a certificate as ours: its key, its name, or its way to the root that the bundle pins. */
function credentialsFault(
  { config, channelAuthorityPem }: Pick<Bundle, 'config' | 'channelAuthorityPem'>,
  { leaf, certificatePem, keyPem }: OwnCredentials,
  atMs: number,
): CredentialsFault | undefined {
  if (!isKeyOf(leaf, keyPem)) return 'certificate-key-other';
  const { site, node } = config;
  const identity = channelIdentity(leaf);
  const expected = formatChannelIdentity({ site, role: 'proxy', node });
  if (identity === undefined || formatChannelIdentity(identity) !== expected) {
    return 'certificate-name-other';
  }
  const [, ...intermediates] = certificatesOfPem(certificatePem);
  const anchors = certificatesOfPem(channelAuthorityPem);
  // One certificate serves at both ends, whichever side dials.
  for (const purpose of ['client', 'server'] as const) {
    const policy = channelPathPolicy;
    const path = validatePath({ leaf, intermediates, anchors, pins: [], purpose, policy, atMs });
    if (!path.ok) return 'certificate-path-invalid';
  }
  return undefined;
}

function readRenewed(bundle: Bundle): OwnCredentials | undefined {
  try {
    const text = readFileSync(pathIn(bundle), 'latin1').slice(0, FILE_BYTES_MAX);
    const [keyPem] = KEY.exec(text) ?? [];
    return keyPem === undefined ? undefined : ownCredentials(bundle, text.replace(KEY, ''), keyPem);
  } catch {
    // Nothing was renewed yet, or it cannot be read: the bundle's own is there.
    return undefined;
  }
}

function ownCredentials(
  { channelAuthorityPem }: Pick<Bundle, 'channelAuthorityPem'>,
  certificatePem: string,
  keyPem: string,
): OwnCredentials | undefined {
  const chain = certificatesOfPem(certificatePem);
  const [leaf] = chain;
  if (leaf === undefined) return undefined;
  const shown = chain.map(({ der }) => encodePem(der, 'CERTIFICATE')).join('');
  return { leaf, certificatePem: shown, keyPem, caPem: channelAuthorityPem };
}

function isKeyOf(leaf: Certificate, keyPem: string): boolean {
  try {
    return new X509Certificate(leaf.der).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

function pathIn({ folder }: Bundle): string {
  return join(folder, 'spool', FILE);
}
