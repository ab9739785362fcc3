import type { Issued } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { sealIssuingAuthority } from '@sallyport/certs/site-root.ts';
import { validForMs } from '@sallyport/certs/validity.ts';
import type { FormerWitnesses } from '../../adapters/files/former-witnesses.ts';
import type { SiteFolder } from '../../adapters/files/site-folder.ts';
import type { GatewayNode, ProxyNode, Site } from '../../config/site.ts';
import type { PlannedFile } from '../files/planned-file.ts';
import { jsonText } from '../files/planned-file.ts';
import { proxySettings } from './proxy-settings.ts';
import { issuingSealKey, type SiteSecrets } from './site-secrets.ts';
import { type WitnessKeys, witnessesJson } from './witness-keys.ts';

/** What bundles get a part of, and whether channel keys are among it. */
export interface BundleSecrets extends SiteSecrets {
  readonly withKeys: boolean;
  readonly witnessKeys: WitnessKeys;
  readonly formerWitnesses: FormerWitnesses;
}

/** The files of one host. */
export interface PlannedBundle {
  readonly node: string;
  readonly role: 'proxy' | 'gateway';
  readonly files: readonly PlannedFile[];
}

const DAY_MS = 86_400_000;

/**
 * The folder of one proxy: who it is, where it listens, how it knows its gateways. No partner, no domain, no
 * key but its own: what else it needs arrives signed over the channel.
 */
export async function planProxyBundle(
  site: Site,
  proxy: ProxyNode,
  secrets: BundleSecrets,
  nowMs: number,
): Promise<PlannedBundle> {
  const hosts = proxy.channel === undefined ? [] : [proxy.channel.host];
  const certificate = await channelCertificate(site, 'proxy', proxy.node, hosts, secrets, nowMs);
  return {
    node: proxy.node,
    role: 'proxy',
    files: [
      { path: 'proxy.json', text: jsonText(proxySettings(site, proxy)) },
      ...channelFiles(certificate, secrets),
      { path: 'snapshot-signing.pub', text: secrets.snapshotSigningPublicPem },
      witnessFile(proxy.node, secrets),
    ],
  };
}

/** The folder of one gateway: the whole site, without the authorities' keys, and what it signs and seals with. */
export async function planGatewayBundle(
  site: Site,
  gateway: GatewayNode,
  copies: readonly PlannedFile[],
  secrets: BundleSecrets,
  nowMs: number,
): Promise<PlannedBundle> {
  const hosts = gateway.channel === undefined ? [] : [gateway.channel.host];
  const certificate = await channelCertificate(
    site,
    'gateway',
    gateway.node,
    hosts,
    secrets,
    nowMs,
  );
  const issuing = sealIssuingAuthority(
    secrets.issuingAuthority,
    issuingSealKey(secrets.clusterKey),
  );
  return {
    node: gateway.node,
    role: 'gateway',
    files: [
      { path: 'gateway.json', text: jsonText({ site: site.name, node: gateway.node }) },
      ...channelFiles(certificate, secrets),
      { path: 'snapshot-signing.key', text: secrets.snapshotSigningKeyPem, isSecret: true },
      { path: 'cluster.key', text: secrets.clusterKey, isSecret: true },
      witnessFile(gateway.node, secrets),
      { path: 'witnesses.json', text: witnessesJson(secrets.witnessKeys) },
      { path: 'former-witnesses.json', text: jsonText(secrets.formerWitnesses) },
      { path: 'channel-issuing.crt', text: issuing.certificatePem },
      { path: 'channel-issuing.key', text: `${issuing.sealedKey}\n`, isSecret: true },
      ...copies,
    ],
  };
}

/** Copies of the site's files for a gateway, with their times: the version is made of them. */
export function siteCopies(folder: SiteFolder): readonly PlannedFile[] {
  const copies = folder.yaml.map(({ file, text }) => copyOf(file, text, folder));
  for (const [path, text] of folder.named) {
    if (text.ok) copies.push(copyOf(path, text.value, folder));
  }
  return copies;
}

function copyOf(path: string, text: string, folder: SiteFolder): PlannedFile {
  const changedMs = folder.changedMs.get(path);
  return {
    path,
    text,
    isSecret: text.includes('PRIVATE KEY-----') || path === passwordFileOf(folder),
    ...(changedMs === undefined ? {} : { changedMs }),
  };
}

function passwordFileOf({ parsed }: SiteFolder): string | undefined {
  const database = parsed?.site.content.database;
  return database?.kind === 'postgresql' ? database.passwordFile : undefined;
}

function channelCertificate(
  site: Site,
  role: 'proxy' | 'gateway',
  node: string,
  hosts: readonly string[],
  secrets: BundleSecrets,
  nowMs: number,
): Promise<Issued> {
  return issueChannelCertificate(secrets.issuingAuthority, {
    site: site.name,
    role,
    node,
    hosts,
    ...validForMs(nowMs, site.channel.certificateDays * DAY_MS),
  });
}

function witnessFile(node: string, { witnessKeys }: BundleSecrets): PlannedFile {
  return { path: 'witness.key', text: witnessKeys.get(node) ?? '', isSecret: true };
}

function channelFiles(certificate: Issued, secrets: BundleSecrets): readonly PlannedFile[] {
  const root = { path: 'channel-ca.crt', text: secrets.siteRoot.certificatePem };
  if (!secrets.withKeys) return [root];
  return [
    root,
    {
      path: 'channel.crt',
      text: certificate.certificatePem + secrets.issuingAuthority.certificatePem,
    },
    { path: 'channel.key', text: certificate.privateKeyPem, isSecret: true },
  ];
}
