import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EDGE_PORT, SINK_PORT } from './sip-sink.ts';
import { at, nodeProgram, type Workplace } from './workplace.ts';

/** A site's bundles, as `sallyport bundle` wrote them. */
export interface BenchSite {
  readonly folder: string;
  readonly ports: ProxyPorts;
  readonly proxyBundle: string;
  readonly gatewayBundle: string;
}

/** Where one bench proxy listens, on loopback. */
export interface ProxyPorts {
  readonly edge: number;
  readonly health: number;
  /** Where it waits for its gateway. */
  readonly channel: number;
}

export const PROXY_PORTS: ProxyPorts = { edge: EDGE_PORT, health: 5063, channel: 5064 };
/** For a second one at the same time. */
export const OTHER_PROXY_PORTS: ProxyPorts = { edge: 5161, health: 5163, channel: 5164 };

/**
 * One site for the whole run: real certificates and identities, and limits that no load here reaches.
 *
 * With its partner in files; with a database its operators have yet to take the partner on.
 */
export function makeBenchSite(
  place: Workplace,
  database: 'files' | 'embedded' = 'files',
  ports = PROXY_PORTS,
): BenchSite {
  const folder = at(place, `${database === 'files' ? 'site' : 'operated-site'}-${ports.edge}`);
  rmSync(folder, { recursive: true, force: true });
  sallyport(place, [
    'init',
    folder,
    '--layout',
    'dual-dmz',
    '--site',
    'bench',
    '--domain',
    'inner.example.com',
  ]);
  for (const sub of ['identities', 'communities', 'partners']) {
    mkdirSync(join(folder, sub), { recursive: true });
  }
  const pki = (name: string) => at(place, 'pki', name);
  copyFileSync(pki('edge.crt'), join(folder, 'identities/edge.crt'));
  copyFileSync(pki('edge.key'), join(folder, 'identities/edge.key'));
  copyFileSync(pki('ca.crt'), join(folder, 'communities/bench-ca.crt'));
  rmSync(join(folder, 'partners/example.yaml'), { force: true });
  // JSON is YAML too.
  writeFileSync(
    join(folder, 'site.yaml'),
    JSON.stringify({ ...siteBehind(ports), database: { kind: database } }),
  );
  if (database === 'files') {
    copyFileSync(pki('ca.crt'), join(folder, 'partners/bench-ca.crt'));
    writeFileSync(join(folder, 'partners/partner.yaml'), PARTNER);
  }
  sallyport(place, ['bundle', folder]);
  run(place, ['dmz-proxy/bin/compile.ts']);
  addWitnessKey(join(folder, 'hosts/edge-1/witness.key'));
  return {
    ports,
    folder,
    proxyBundle: join(folder, 'hosts/edge-1'),
    gatewayBundle: join(folder, 'hosts/gateway-1'),
  };
}

/** For the proxy alone, whose snapshot the bench signs itself, and for the pair. */
export const EDGE_LIMITS = {
  connectionsMax: 100_000,
  connectionsPerSourceMax: 100_000,
  connectionsPerSourcePerSecond: 10_000,
  handshakeTimeoutMs: 10_000,
  firstMessageTimeoutMs: 300_000,
  headBytesMax: 16_384,
  bodyBytesMax: 65_536,
  requestUriBytesMax: 2048,
  lineBytesMax: 8192,
  headersMax: 128,
  outboundConnectTimeoutMs: 5000,
  flowQueueBytesMax: 1_048_576,
  pendingRequestsMax: 1_000_000,
} as const;

/** What the bench's partner may do. */
export const PARTNER_CAPACITY = {
  connectionsMax: 10_000,
  messagesPerSecond: 100_000,
  messagesBurst: 1_000_000,
  requestsInFlightMax: 1_000_000,
  keepAliveMs: 840_000,
} as const;

const SITE = {
  name: 'bench',
  layout: 'dual-dmz',
  domains: ['inner.example.com'],
  public: { host: 'edge.dmz.test', port: 5061 },
  identities: [
    {
      name: 'main',
      serverNames: ['inner.example.com'],
      chain: 'identities/edge.crt',
      key: 'identities/edge.key',
    },
  ],
  gateways: [
    {
      node: 'gateway-1',
      inner: { host: '127.0.0.1', port: 5065, advertise: '127.0.0.1' },
      health: { host: '127.0.0.1', port: 5066 },
    },
  ],
  communities: [
    {
      id: 'main',
      domains: ['inner.example.com'],
      hosts: [{ host: '127.0.0.1', port: SINK_PORT, serverName: 'gw1.inner.test' }],
      ca: 'communities/bench-ca.crt',
      identity: { chain: 'identities/edge.crt', key: 'identities/edge.key' },
    },
  ],
  limits: EDGE_LIMITS,
};

function siteBehind({ edge, health, channel }: ProxyPorts): object {
  const host = '127.0.0.1';
  const proxy = {
    node: 'edge-1',
    listen: [{ host, port: edge }],
    health: { host, port: health },
    channel: { host, port: channel },
    workers: 1,
  };
  return { ...SITE, proxies: [proxy] };
}

/** What operators would say of the bench's partner. */
export const PARTNER_SETTINGS = {
  domains: ['partner.test'],
  methods: ['MESSAGE', 'OPTIONS', 'INVITE', 'BYE'],
  ...PARTNER_CAPACITY,
} as const;

const PARTNER = JSON.stringify({ id: 'partner', anchors: ['bench-ca.crt'], ...PARTNER_SETTINGS });

/** Where the bundle has none of its own: what is sealed here nobody verifies. */
function addWitnessKey(path: string): void {
  if (existsSync(path)) return;
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

function sallyport(place: Workplace, words: readonly string[]): void {
  run(place, ['app-gateway/src/cli/main.ts', ...words]);
}

function run(place: Workplace, [path = '', ...words]: readonly string[]): void {
  const [program = '', ...options] = nodeProgram(place, path);
  const { status, stdout, stderr } = spawnSync(program, [...options, ...words], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${path} ${words.join(' ')}:\n${stdout}${stderr}`);
}
