import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, type Issued, issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { createSnapshotSigningKey } from '@sallyport/certs/snapshot-signing-key.ts';
import type {
  PartnerSnapshot,
  SnapshotContent,
  TrustSetSnapshot,
} from '@sallyport/shared/channel/snapshot.ts';
import { signSnapshot } from '@sallyport/shared/channel/snapshot-signature.ts';

/** Keys and certificates of one site `acme` with one partner `globex`, and the proxy's bundle on disk. */
export interface ProxySite {
  readonly folder: string;
  readonly siteAuthority: Issued;
  readonly partnerAuthority: Issued;
  readonly partner: Issued;
  readonly snapshot: SnapshotContent;
  sign(content: SnapshotContent): Buffer;
  gatewayCredentials(node: string): Promise<Issued>;
  /** Writes `proxy.json` again with these changes. */
  configure(changes: Readonly<Record<string, unknown>>): void;
  remove(): void;
}

const DAY_MS = 86_400_000;

/** A validity around now. */
export function around(): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  return { notBeforeMs: Date.now() - DAY_MS, notAfterMs: Date.now() + 30 * DAY_MS };
}

/** A leaf followed by the intermediate that signed it. */
export async function behindIntermediate(
  root: Issued,
  domain: string,
): Promise<{ readonly chain: Issued; readonly intermediate: Issued }> {
  const intermediate = await issueIntermediate(root, { commonName: 'between', ...around() });
  const leaf = await issueDomainCertificate(intermediate, { domains: [domain], ...around() });
  const certificatePem = leaf.certificatePem + intermediate.certificatePem;
  return { chain: { ...leaf, certificatePem }, intermediate };
}

export async function proxySite(
  changes: Readonly<Record<string, unknown>> = {},
): Promise<ProxySite> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-proxy-')));
  const siteAuthority = await createAuthority({ commonName: 'acme site', ...around() });
  const partnerAuthority = await createAuthority({
    commonName: 'globex root',
    pathLength: 1,
    ...around(),
  });
  const own = await createAuthority({ commonName: 'acme public', ...around() });
  const ownIdentity = await issueDomainCertificate(own, {
    domains: ['acme.example'],
    hosts: ['sip.acme.example'],
    ...around(),
  });
  const partner = await issueDomainCertificate(partnerAuthority, {
    domains: ['globex.example'],
    ...around(),
  });
  const signing = createSnapshotSigningKey();
  const channel = await issueChannelCertificate(siteAuthority, {
    site: 'acme',
    role: 'proxy',
    node: 'edge-1',
    hosts: ['127.0.0.1'],
    ...around(),
  });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const configure = (more: Readonly<Record<string, unknown>>) =>
    write('proxy.json', JSON.stringify({ ...PROXY_JSON, ...more }));
  mkdirSync(join(folder, 'spool'));
  configure(changes);
  write('channel.crt', channel.certificatePem);
  write('channel.key', channel.privateKeyPem);
  write('channel-ca.crt', siteAuthority.certificatePem);
  write('snapshot-signing.pub', signing.publicKeyPem);
  return {
    folder,
    siteAuthority,
    partnerAuthority,
    partner,
    snapshot: snapshotFor(ownIdentity, partnerAuthority),
    sign: (content) => signSnapshot(content, createPrivateKey(signing.privateKeyPem)),
    gatewayCredentials: (node) =>
      issueChannelCertificate(siteAuthority, {
        site: 'acme',
        role: 'gateway',
        node,
        hosts: [],
        ...around(),
      }),
    configure,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const PROXY_JSON = {
  site: 'acme',
  node: 'edge-1',
  workers: 1,
  listen: [{ host: '127.0.0.1', port: 0, proxyProtocolFrom: [] }],
  health: { host: '127.0.0.1', port: 0 },
  channel: { dial: 'inside-out', host: '127.0.0.1', port: 0 },
  permissionModel: 'required',
};

/** A trust set of one anchor. */
export function trusting(anchorPem: string, id = 't1'): TrustSetSnapshot {
  return { id, anchors: [anchorPem], intermediates: [], pins: [] };
}

/** A partner as the tests' snapshots describe it. */
export function partnerSnapshot(anchorPem: string): PartnerSnapshot {
  return {
    id: 'globex',
    domains: ['globex.example'],
    trustSets: [trusting(anchorPem)],
    delegations: [],
    purposes: 'federation',
    allowNoEku: true,
    revocation: { mode: 'off', fetch: false, lists: [] },
    // Loopback stands for the internet here: without this the edge dials no reserved address.
    sourceNetworks: [
      '127.0.0.0/8',
      '::1/128',
      '192.0.2.0/24',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '2001:db8::/32',
    ],
    methods: ['INVITE', 'BYE', 'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'OPTIONS'],
    eventPackages: ['presence'],
    ownIdentity: 'acme',
    endpoints: [],
    connectionsMax: 20,
    messagesPerSecond: 1000,
    messagesBurst: 1000,
    requestsInFlightMax: 1000,
    keepAliveMs: 30_000,
  };
}

function snapshotFor(ownIdentity: Issued, partnerAuthority: Issued): SnapshotContent {
  return {
    site: 'acme',
    version: 10,
    issuedAt: new Date(0).toISOString(),
    publicHost: 'sip.acme.example',
    publicPort: 5061,
    domains: ['acme.example'],
    identities: [
      {
        name: 'acme',
        serverNames: ['acme.example', 'sip.acme.example'],
        chainPem: ownIdentity.certificatePem,
        keyPem: ownIdentity.privateKeyPem,
      },
    ],
    unknownServerName: 'refuse',
    missingServerName: 'default',
    nameservers: [],
    partners: [partnerSnapshot(partnerAuthority.certificatePem)],
    severed: [],
    limits: {
      connectionsMax: 1000,
      connectionsPerSourceMax: 1000,
      connectionsPerSourcePerSecond: 1000,
      handshakeTimeoutMs: 5000,
      firstMessageTimeoutMs: 30_000,
      headBytesMax: 16_384,
      bodyBytesMax: 65_536,
      requestUriBytesMax: 1024,
      lineBytesMax: 4096,
      headersMax: 100,
      outboundConnectTimeoutMs: 3000,
      flowQueueBytesMax: 4_194_304,
      pendingRequestsMax: 10_000,
    },
  };
}
