import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STATE_FOLDER } from '@sallyport/app-gateway/adapters/database/open-state-store.ts';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { readSiteSecrets } from '@sallyport/app-gateway/cli/bundle/site-secrets.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays, validForMs } from '@sallyport/certs/validity.ts';
import { layEmptyDatabase } from '../../empty-database.ts';
import { freePort } from '../../peers/support/free-port.ts';

/** What a test wants of the site beyond the usual. */
export interface SiteWishes {
  readonly gateways?: 1 | 2;
  /** The second one has the public port too, on an address of its own. */
  readonly proxies?: 1 | 2;
  readonly workers?: number;
  /** Port for the proxy's channel, where the test has to know it before. */
  readonly channelPort?: number;
  /** Port that the gateways dial instead of the proxy's own: something stands between. */
  readonly channelBehind?: number;
  readonly limits?: Readonly<Record<string, number>>;
  /** Options of Node.js for the gateways. */
  readonly gatewayOptions?: readonly string[];
  /** Files alone when absent; then nothing is put on record. */
  readonly database?: object;
  readonly audit?: object;
  readonly partner?: Readonly<Record<string, unknown>>;
  /** Listeners of the proxy beside the usual one. */
  readonly listen?: readonly object[];
  /** Further partners' files. */
  readonly partners?: readonly { readonly id: string }[];
  /** Life of channel certificates, the first ones included; the site's days when absent. */
  readonly certificateLifeMs?: number;
  /** The last word on the bundles, before a program starts. */
  readonly prepare?: (site: PairSite) => void;
}

/** A partner company of the tests. */
export interface TestPartner {
  readonly authority: Issued;
  readonly identity: Issued;
}

/** A site on disk, with everybody's keys and the ports found free for it. */
export interface PairSite {
  readonly folder: string;
  readonly community: Issued;
  readonly communityAuthorityPem: string;
  readonly ourAuthorityPem: string;
  readonly globex: TestPartner;
  readonly initech: TestPartner;
  readonly publicPort: number;
  readonly channelPort: number;
  readonly proxyHealthPort: number;
  readonly secondProxy: SecondProxy | undefined;
  readonly gateways: readonly SiteGateway[];
  /** Changes the site file in the bundle of a gateway. */
  rewriteGateway(node: string, change: (file: Record<string, unknown>) => object): void;
  remove(): void;
}

/** `edge-2`, whose ports but the public one are its own. */
export interface SecondProxy {
  readonly host: string;
  readonly channelPort: number;
  readonly healthPort: number;
}

export interface SiteGateway {
  readonly node: string;
  readonly name: string;
  readonly innerPort: number;
  readonly healthPort: number;
}

/** Where the two companies' servers listen. */
export interface ServerPorts {
  readonly community: number;
  readonly partner: number;
}

/** The wish for a database in the gateway. */
export const EMBEDDED = { kind: 'embedded' } as const;

export const METHODS: readonly string[] = [
  ...['MESSAGE', 'OPTIONS', 'SUBSCRIBE', 'NOTIFY', 'INVITE', 'BYE', 'UPDATE'],
];
const HOST = '127.0.0.1';
const SECOND_HOST = '127.0.0.2';
const VALID = () => validForDays(Date.now(), 30);

/** Makes a site with the commands of an operator, but for its bundles, which need the servers' ports. */
export async function pairSite(wishes: SiteWishes): Promise<PairSite> {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-pair-')));
  const folder = join(parent, 'site');
  const options = { layout: 'dual-dmz', site: 'acme', domain: ['acme.example'] } as const;
  const made = await initCommand(folder, options, Date.now);
  if (made.exitCode !== 0) throw new Error(made.text);
  const read = (name: string) => readFileSync(join(folder, 'ca', name), 'utf8');
  const inner = {
    certificatePem: read('community-ca.crt'),
    privateKeyPem: read('community-ca.key'),
  };
  const leaf = (name: string) =>
    issueLeaf(inner, {
      commonName: name,
      dnsNames: [name],
      usages: ['serverAuth', 'clientAuth'],
      ...VALID(),
    });
  const gateway = await leaf('gateway.acme.internal');
  writeFileSync(join(folder, 'communities/gateway.crt'), gateway.certificatePem);
  writeFileSync(join(folder, 'communities/gateway.key'), gateway.privateKeyPem);
  const gateways: SiteGateway[] = [];
  for (let number = 1; number <= (wishes.gateways ?? 1); number++) {
    gateways.push({
      node: `gateway-${number}`,
      name: `gateway-${number}.acme.internal`,
      innerPort: await freePort(HOST),
      healthPort: await freePort(HOST),
    });
  }
  return {
    folder,
    community: await leaf('chat.acme.internal'),
    communityAuthorityPem: inner.certificatePem,
    ourAuthorityPem: read('federation-ca.crt'),
    globex: await testPartner('globex.example'),
    initech: await testPartner('initech.example'),
    publicPort: await freePort(HOST),
    channelPort: wishes.channelPort ?? (await freePort(HOST, wishes.workers ?? 1)),
    proxyHealthPort: await freePort(HOST),
    secondProxy: wishes.proxies === 2 ? await secondProxy(wishes) : undefined,
    gateways,
    rewriteGateway: (node, change) => {
      const path = join(folder, 'hosts', node, 'site.yaml');
      const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
      writeFileSync(path, JSON.stringify(change(file)));
    },
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

async function secondProxy({ workers = 1 }: SiteWishes): Promise<SecondProxy> {
  return {
    host: SECOND_HOST,
    channelPort: await freePort(HOST, workers),
    healthPort: await freePort(HOST),
  };
}

/** A company with an authority of its own. */
export async function testPartner(domain: string): Promise<TestPartner> {
  const authority = await createAuthority({ commonName: `${domain} CA`, ...VALID() });
  const identity = await issueDomainCertificate(authority, { domains: [domain], ...VALID() });
  return { authority, identity };
}

/** Writes site and partners and has the bundles made. */
export async function writeSite(
  site: PairSite,
  servers: ServerPorts,
  wishes: SiteWishes,
): Promise<void> {
  const { folder } = site;
  writeFileSync(join(folder, 'site.yaml'), JSON.stringify(siteFile(site, servers, wishes)));
  rmSync(join(folder, 'partners'), { recursive: true });
  mkdirSync(join(folder, 'partners'));
  for (const partner of [
    { ...partnerFile('globex', site.globex, servers), ...wishes.partner },
    partnerFile('initech', site.initech, servers),
    ...(wishes.partners ?? []),
  ]) {
    writeFileSync(join(folder, 'partners', `${partner.id}.yaml`), JSON.stringify(partner));
  }
  const made = await bundleCommand(folder, Date.now);
  if (made.exitCode !== 0) throw new Error(made.text);
  if (wishes.database === EMBEDDED) await makeDatabases(site);
  if (wishes.certificateLifeMs !== undefined) {
    await shortenCertificates(site, wishes.certificateLifeMs);
  }
  if (wishes.channelBehind === undefined) return;
  const settings = join(folder, 'hosts/edge-1/proxy.json');
  const proxy = JSON.parse(readFileSync(settings, 'utf8')) as { channel: { port: number } };
  proxy.channel.port = site.channelPort;
  writeFileSync(settings, JSON.stringify(proxy));
}

/** An embedded database takes its time to be made, which is no gateway's start. */
async function makeDatabases({ folder, gateways }: PairSite): Promise<void> {
  for (const { node } of gateways) {
    await layEmptyDatabase(join(folder, 'hosts', node, STATE_FOLDER, 'data'));
  }
}

/** Gives every host a certificate that lives as short as wished, and gateways the word to issue no longer ones. */
async function shortenCertificates({ folder, gateways }: PairSite, lifeMs: number): Promise<void> {
  const { issuingAuthority } = await readSiteSecrets(folder);
  const issue = async (role: 'proxy' | 'gateway', node: string) => {
    const validity = validForMs(Date.now(), lifeMs);
    const request = { site: 'acme', role, node, hosts: [], ...validity };
    const issued = await issueChannelCertificate(issuingAuthority, request);
    const chain = issued.certificatePem + issuingAuthority.certificatePem;
    writeFileSync(join(folder, 'hosts', node, 'channel.crt'), chain);
    writeFileSync(join(folder, 'hosts', node, 'channel.key'), issued.privateKeyPem);
  };
  for (const { node } of gateways) {
    const settings = { site: 'acme', node, channelCertificateLifeMs: lifeMs };
    writeFileSync(join(folder, 'hosts', node, 'gateway.json'), JSON.stringify(settings));
    await issue('gateway', node);
  }
  await issue('proxy', 'edge-1');
}

/** A partner's entry, for its file. */
export function partnerFile(id: string, partner: TestPartner, servers: ServerPorts) {
  return {
    id,
    domains: [`${id}.example`],
    anchors: [partner.authority.certificatePem],
    methods: METHODS,
    eventPackages: ['presence'],
    endpoints: [{ host: HOST, port: servers.partner }],
    connectionsMax: 100,
    messagesPerSecond: 5000,
    messagesBurst: 5000,
  };
}

function siteFile(site: PairSite, servers: ServerPorts, wishes: SiteWishes): unknown {
  const at = (port: number) => ({ host: HOST, port });
  return {
    name: 'acme',
    layout: 'dual-dmz',
    domains: ['acme.example'],
    public: { host: 'sip.acme.example', port: site.publicPort },
    identities: [
      {
        name: 'main',
        serverNames: ['acme.example', 'sip.acme.example'],
        chain: 'identities/main.crt',
        key: 'identities/main.key',
      },
    ],
    proxies: [
      {
        node: 'edge-1',
        listen: [at(site.publicPort), ...(wishes.listen ?? [])],
        health: at(site.proxyHealthPort),
        channel: at(wishes.channelBehind ?? site.channelPort),
        workers: wishes.workers ?? 1,
      },
      ...(site.secondProxy === undefined
        ? []
        : [secondProxyEntry(site, site.secondProxy, wishes.workers)]),
    ],
    database: wishes.database ?? { kind: 'files' },
    ...(wishes.audit !== undefined && { audit: wishes.audit }),
    gateways: site.gateways.map(({ node, name, innerPort, healthPort }) => ({
      node,
      inner: { ...at(innerPort), advertise: name },
      health: at(healthPort),
    })),
    communities: [
      {
        id: 'staff',
        domains: ['acme.example'],
        hosts: [{ ...at(servers.community), serverName: 'chat.acme.internal' }],
        ca: 'communities/community-ca.crt',
        identity: { chain: 'communities/gateway.crt', key: 'communities/gateway.key' },
        probe: { intervalMs: 1000 },
      },
    ],
    limits: {
      connectionsPerSourcePerSecond: 1000,
      connectionsPerSourceMax: 1000,
      ...wishes.limits,
    },
  };
}

function secondProxyEntry(site: PairSite, proxy: SecondProxy, workers = 1): object {
  return {
    node: 'edge-2',
    listen: [{ host: proxy.host, port: site.publicPort }],
    health: { host: HOST, port: proxy.healthPort },
    channel: { host: HOST, port: proxy.channelPort },
    workers,
  };
}
