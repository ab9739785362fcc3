import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SINK_PORT } from './sip-sink.ts';
import { at, nodeProgram, type Workplace } from './workplace.ts';

/** A site's bundles, as `sallyport bundle` wrote them. */
export interface BenchSite {
  readonly proxyBundle: string;
  readonly gatewayBundle: string;
}

/** Where the proxy waits for its gateway. */
export const CHANNEL_PORT = 5064;

/** One site for the whole run: real certificates and identities, and limits that no load here reaches. */
export function makeBenchSite(place: Workplace): BenchSite {
  const folder = at(place, 'site');
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
  copyFileSync(pki('ca.crt'), join(folder, 'partners/bench-ca.crt'));
  rmSync(join(folder, 'partners/example.yaml'), { force: true });
  writeFileSync(join(folder, 'site.yaml'), SITE);
  writeFileSync(join(folder, 'partners/partner.yaml'), PARTNER);
  sallyport(place, ['bundle', folder]);
  run(place, ['dmz-proxy/bin/compile.ts']);
  addWitnessKey(join(folder, 'hosts/edge-1/witness.key'));
  return {
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

/** JSON is YAML too. */
const SITE = JSON.stringify({
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
  proxies: [
    {
      node: 'edge-1',
      listen: [{ host: '127.0.0.1', port: 5061 }],
      health: { host: '127.0.0.1', port: 5063 },
      channel: { host: '127.0.0.1', port: CHANNEL_PORT },
      workers: 1,
    },
  ],
  database: { kind: 'files' },
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
});

const PARTNER = JSON.stringify({
  id: 'partner',
  domains: ['partner.test'],
  anchors: ['bench-ca.crt'],
  methods: ['MESSAGE', 'OPTIONS'],
  ...PARTNER_CAPACITY,
});

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
