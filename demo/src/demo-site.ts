import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { freePorts } from './free-ports.ts';

const run = promisify(execFile);

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const SALLYPORT = join(ROOT, 'app-gateway/bin/sallyport');
export const OUR_DOMAIN = 'acme.example';
export const GATEWAY_NAME = 'gateway-1.acme.internal';
export const PARTNER_DOMAIN = 'globex.example';

/** Ports of the demo, found free when it starts. */
export interface DemoPorts {
  readonly public: number;
  readonly channel: number;
  readonly proxyHealth: number;
  readonly inner: number;
  readonly gatewayHealth: number;
}

/** Everybody's keys in the demo. */
export interface DemoKeys {
  readonly community: Issued;
  readonly communityAuthorityPem: string;
  readonly partner: Issued;
  readonly partnerAuthority: Issued;
  readonly strangerAuthority: Issued;
  /** Authority of our own public certificate, which the partner trusts. */
  readonly ourAuthorityPem: string;
}

export interface DemoSite {
  readonly folder: string;
  readonly ports: DemoPorts;
  readonly keys: DemoKeys;
}

export type Layout = 'dual-dmz' | 'single-dmz';

/** Names by which the two sites of the demo differ. */
export interface SiteNames {
  readonly site: string;
  readonly domain: string;
  readonly gateway: string;
  readonly chat: string;
}

const OUR_NAMES: SiteNames = {
  site: 'acme',
  domain: OUR_DOMAIN,
  gateway: GATEWAY_NAME,
  chat: 'chat.acme.internal',
};

/** Where the two companies' servers listen, known only once they do. */
export interface ServerPorts {
  readonly community: number;
  readonly partner: number;
}

/** Makes a site with the commands an operator uses: `init`, edit, `check`, `bundle`. */
export async function prepareSite(layout: Layout): Promise<DemoSite> {
  const base = join(ROOT, '.sallyport', 'demo');
  await rm(base, { recursive: true, force: true });
  await mkdir(base, { recursive: true });
  const folder = join(base, 'site');
  const ports = await newSite(folder, layout, OUR_NAMES);
  return { folder, ports, keys: await makeKeys(folder) };
}

/** `sallyport init`, and ports for what it describes. */
export async function newSite(
  folder: string,
  layout: Layout,
  { site, domain }: SiteNames,
): Promise<DemoPorts> {
  await sallyport('init', folder, '--layout', layout, '--site', site, '--domain', domain);
  const [publicPort, channel, proxyHealth, inner, gatewayHealth] = await freePorts();
  return { public: publicPort, channel, proxyHealth, inner, gatewayHealth };
}

/** Writes `site.yaml` and the partner's file, has them checked, and writes the bundles. */
export async function finishSite(
  site: DemoSite,
  layout: Layout,
  servers: ServerPorts,
): Promise<void> {
  const { folder, ports, keys } = site;
  await writeSiteFile(folder, siteFile(OUR_NAMES, layout, ports, servers.community));
  const partner = partnerFile(keys, servers);
  await writeFile(join(folder, 'partners', 'globex.yaml'), JSON.stringify(partner, null, 2));
  await bundleSite(folder);
}

/** Puts `site.yaml` there, and takes the example partner away. */
export async function writeSiteFile(folder: string, site: unknown): Promise<void> {
  await writeFile(join(folder, 'site.yaml'), JSON.stringify(site, null, 2));
  await rm(join(folder, 'partners'), { recursive: true });
  await mkdir(join(folder, 'partners'));
}

/** Has a site checked, and a folder written for each host. */
export async function bundleSite(folder: string): Promise<void> {
  await sallyport('check', folder);
  await sallyport('bundle', folder);
}

/** A site on loopback: one proxy, one gateway with the database in it, one inner server. */
export function siteFile(
  { site, domain, gateway, chat }: SiteNames,
  layout: Layout,
  ports: DemoPorts,
  communityPort: number,
): unknown {
  const host = '127.0.0.1';
  return {
    name: site,
    layout,
    domains: [domain],
    public: { host: `sip.${domain}`, port: ports.public },
    identities: [
      {
        name: 'main',
        serverNames: [domain, `sip.${domain}`],
        chain: 'identities/main.crt',
        key: 'identities/main.key',
      },
    ],
    proxies: [
      {
        node: 'edge-1',
        listen: [{ host, port: ports.public }],
        health: { host, port: ports.proxyHealth },
        channel: { host, port: ports.channel },
        workers: 1,
      },
    ],
    database: { kind: 'embedded' },
    gateways: [
      {
        node: 'gateway-1',
        inner: { host, port: ports.inner, advertise: gateway },
        health: { host, port: ports.gatewayHealth },
      },
    ],
    communities: [
      {
        id: 'staff',
        domains: [domain],
        hosts: [{ host, port: communityPort, serverName: chat }],
        ca: 'communities/community-ca.crt',
        identity: { chain: 'communities/gateway.crt', key: 'communities/gateway.key' },
        probe: { intervalMs: 1000 },
      },
    ],
    limits: { connectionsPerSourcePerSecond: 50, headBytesMax: 16_384 },
  };
}

function partnerFile(keys: DemoKeys, servers: ServerPorts): unknown {
  return {
    id: 'globex',
    description: 'Globex, our partner in the demo',
    domains: [PARTNER_DOMAIN],
    anchors: [keys.partnerAuthority.certificatePem],
    methods: [
      'MESSAGE',
      'OPTIONS',
      'SUBSCRIBE',
      'NOTIFY',
      'INVITE',
      'BYE',
      'INFO',
      'UPDATE',
      'REFER',
    ],
    eventPackages: ['presence', 'refer'],
    endpoints: [{ host: '127.0.0.1', port: servers.partner }],
    messagesPerSecond: 20,
    messagesBurst: 60,
  };
}

/** Keys of a site's inside: the gateway's go into the folder, the server's are given back. */
export async function makeInnerKeys(
  folder: string,
  { gateway, chat }: SiteNames,
): Promise<Pick<DemoKeys, 'community' | 'communityAuthorityPem'>> {
  const read = (name: string) => readFile(join(folder, 'ca', name), 'utf8');
  const authority = {
    certificatePem: await read('community-ca.crt'),
    privateKeyPem: await read('community-ca.key'),
  };
  const leaf = (name: string) =>
    issueLeaf(authority, {
      commonName: name,
      dnsNames: [name],
      usages: ['serverAuth', 'clientAuth'],
      ...validForDays(Date.now(), 30),
    });
  const shown = await leaf(gateway);
  await writeFile(join(folder, 'communities', 'gateway.crt'), shown.certificatePem);
  await writeFile(join(folder, 'communities', 'gateway.key'), shown.privateKeyPem);
  return { community: await leaf(chat), communityAuthorityPem: authority.certificatePem };
}

async function makeKeys(folder: string): Promise<DemoKeys> {
  const validity = validForDays(Date.now(), 30);
  const authority = (commonName: string) => createAuthority({ commonName, ...validity });
  const partnerAuthority = await authority('Globex CA');
  return {
    ...(await makeInnerKeys(folder, OUR_NAMES)),
    partner: await issueDomainCertificate(partnerAuthority, {
      domains: [PARTNER_DOMAIN],
      hosts: [`sip.${PARTNER_DOMAIN}`],
      ...validity,
    }),
    partnerAuthority,
    strangerAuthority: await authority('Nobody knows this CA'),
    ourAuthorityPem: await readFile(join(folder, 'ca', 'federation-ca.crt'), 'utf8'),
  };
}

async function sallyport(...words: readonly string[]): Promise<void> {
  await run(SALLYPORT, words);
}
