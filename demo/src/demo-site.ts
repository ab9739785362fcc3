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
export const SALLYPORT = join(ROOT, 'app-gateway/src/cli/main.ts');
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
  await sallyport('init', folder, '--layout', layout, '--site', 'acme', '--domain', OUR_DOMAIN);
  const [publicPort, channel, proxyHealth, inner, gatewayHealth] = await freePorts();
  const ports = { public: publicPort, channel, proxyHealth, inner, gatewayHealth };
  return { folder, ports, keys: await makeKeys(folder) };
}

/** Writes `site.yaml` and the partner's file, has them checked, and writes the bundles. */
export async function finishSite(
  site: DemoSite,
  layout: Layout,
  servers: ServerPorts,
): Promise<void> {
  const { folder, ports, keys } = site;
  await writeFile(
    join(folder, 'site.yaml'),
    JSON.stringify(siteFile(layout, ports, servers), null, 2),
  );
  await rm(join(folder, 'partners'), { recursive: true });
  await mkdir(join(folder, 'partners'));
  const partner = partnerFile(keys, servers);
  await writeFile(join(folder, 'partners', 'globex.yaml'), JSON.stringify(partner, null, 2));
  await sallyport('check', folder);
  await sallyport('bundle', folder);
}

function siteFile(layout: Layout, ports: DemoPorts, servers: ServerPorts): unknown {
  const host = '127.0.0.1';
  return {
    name: 'acme',
    layout,
    domains: [OUR_DOMAIN],
    public: { host: `sip.${OUR_DOMAIN}`, port: ports.public },
    identities: [
      {
        name: 'main',
        serverNames: [OUR_DOMAIN, `sip.${OUR_DOMAIN}`],
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
    database: { kind: 'files' },
    gateways: [
      {
        node: 'gateway-1',
        inner: { host, port: ports.inner, advertise: GATEWAY_NAME },
        health: { host, port: ports.gatewayHealth },
      },
    ],
    communities: [
      {
        id: 'staff',
        domains: [OUR_DOMAIN],
        hosts: [{ host, port: servers.community, serverName: 'chat.acme.internal' }],
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
    eventPackages: ['presence'],
    endpoints: [{ host: '127.0.0.1', port: servers.partner }],
    messagesPerSecond: 20,
    messagesBurst: 60,
  };
}

async function makeKeys(folder: string): Promise<DemoKeys> {
  const read = (name: string) => readFile(join(folder, 'ca', name), 'utf8');
  const communityAuthority = {
    certificatePem: await read('community-ca.crt'),
    privateKeyPem: await read('community-ca.key'),
  };
  const validity = validForDays(Date.now(), 30);
  const authority = (commonName: string) => createAuthority({ commonName, ...validity });
  const partnerAuthority = await authority('Globex CA');
  const gateway = await issueLeaf(communityAuthority, {
    commonName: GATEWAY_NAME,
    dnsNames: [GATEWAY_NAME],
    usages: ['serverAuth', 'clientAuth'],
    ...validity,
  });
  await writeFile(join(folder, 'communities', 'gateway.crt'), gateway.certificatePem);
  await writeFile(join(folder, 'communities', 'gateway.key'), gateway.privateKeyPem);
  return {
    community: await issueLeaf(communityAuthority, {
      commonName: 'chat.acme.internal',
      dnsNames: ['chat.acme.internal'],
      usages: ['serverAuth', 'clientAuth'],
      ...validity,
    }),
    communityAuthorityPem: communityAuthority.certificatePem,
    partner: await issueDomainCertificate(partnerAuthority, {
      domains: [PARTNER_DOMAIN],
      hosts: [`sip.${PARTNER_DOMAIN}`],
      ...validity,
    }),
    partnerAuthority,
    strangerAuthority: await authority('Nobody knows this CA'),
    ourAuthorityPem: await read('federation-ca.crt'),
  };
}

async function sallyport(...words: readonly string[]): Promise<void> {
  await run(process.execPath, [SALLYPORT, ...words]);
}
