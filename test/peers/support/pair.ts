import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  CHANNEL_ADDRESS,
  type Endpoint,
  INNER_SERVER_NAME,
  OUR_DOMAIN,
  PARTNER_DOMAIN,
} from './addresses.ts';
import { freePort } from './free-port.ts';
import type { Program } from './program.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

/** What a test wants of the pair beyond the usual. */
export interface PairWishes {
  /** Where the partner is dialled; none means that DNS decides. */
  readonly partnerEndpoints?: readonly (Endpoint & { readonly transport?: 'tcp' })[];
  /** Where the partner may come without TLS too. */
  readonly plainEdge?: Endpoint;
  /** `address:port` of a name server. */
  readonly nameservers?: readonly string[];
  /** A further host of our community. */
  readonly secondInnerServer?: Endpoint;
  /** `always` for partners that cannot be dialled. */
  readonly connectionReuse?: 'alias' | 'always';
}

/** The two programs, running with the bundles that the command line made for them. */
export interface Pair {
  readonly proxy: Program;
  readonly gateway: Program;
  /** Starts another gateway with the same bundle, after the first was killed. */
  restartGateway(): Promise<Program>;
}

const COMMAND_LINE = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
/** Users, messages and subjects that the scenarios speak of. */
const PERSONAL = /(agent|peer|somebody|presentity)@|Hello from|<sip:/;
const COMMAND_TIMEOUT_MS = 30_000;
const METHODS = [
  ...['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'MESSAGE'],
  ...['SUBSCRIBE', 'NOTIFY', 'INFO', 'UPDATE', 'PRACK', 'REFER'],
];

/**
 * Sets a site up as an operator would, with `sallyport init`, `check` and `bundle`, starts both programs and
 * waits until both say that they are up.
 */
export async function startPair(scene: Scene, wishes: PairWishes = {}): Promise<Pair> {
  const { stage } = scene;
  const site = join(stage.folder, 'site');
  const proxyHealth = { host: CHANNEL_ADDRESS, port: await freePort(CHANNEL_ADDRESS) };
  const gatewayHealth = { host: CHANNEL_ADDRESS, port: await freePort(CHANNEL_ADDRESS) };
  await sallyport('init', site, '--layout', 'dual-dmz', '--site', 'home', '--domain', OUR_DOMAIN);
  rmSync(join(site, 'partners'), { recursive: true });
  rmSync(join(site, 'hosts'), { recursive: true });
  const channel = { host: CHANNEL_ADDRESS, port: await freePort(CHANNEL_ADDRESS, 1) };
  copyCertificates(scene, site);
  // JSON is YAML 1.2.
  write(site, 'site.yaml', siteFile(scene, wishes, { channel, proxyHealth, gatewayHealth }));
  write(site, 'partners/partner.yaml', partnerFile(wishes));
  await sallyport('check', site);
  await sallyport('bundle', site);

  const startGateway = (): Promise<Program> =>
    startProgram(stage, 'app-gateway', join(site, 'hosts/gateway-1'), gatewayHealth);
  const [gateway, proxy] = await Promise.all([
    startGateway(),
    startProgram(stage, 'dmz-proxy', join(site, 'hosts/edge-1'), proxyHealth),
  ]);
  return { gateway, proxy, restartGateway: startGateway };
}

/**
 * Starts one of the two programs and waits until its health port says `up`. In the end it must have drained in good
 * order, and its log must name nobody.
 */
async function startProgram(
  stage: Stage,
  name: 'app-gateway' | 'dmz-proxy',
  bundle: string,
  health: Endpoint,
): Promise<Program> {
  const program = await stage.start(
    { name, command: process.execPath, args: [COMMAND_LINE, name, '--bundle', bundle] },
    () => isUp(health),
  );
  stage.atTheEnd(() => {
    if (!program.wasKilled) assert.equal(program.exitCode, 0, `${name} did not drain`);
    const indiscreet = program.log.split('\n').filter((line) => PERSONAL.test(line));
    assert.deepEqual(indiscreet, [], `${name} wrote users or messages to its log`);
  });
  return program;
}

async function isUp({ host, port }: Endpoint): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}:${port}/health`, {
      signal: AbortSignal.timeout(1000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

async function sallyport(...args: readonly string[]): Promise<void> {
  const options = { timeout: COMMAND_TIMEOUT_MS };
  await promisify(execFile)(process.execPath, [COMMAND_LINE, ...args], options);
}

function copyCertificates(scene: Scene, site: string): void {
  const copies: readonly (readonly [string, string])[] = [
    [scene.ourCertificate.chain, 'identities/main.crt'],
    [scene.ourCertificate.key, 'identities/main.key'],
    [scene.innerAuthority.file, 'communities/inner-ca.crt'],
    [scene.gatewayInnerCertificate.chain, 'communities/gateway.crt'],
    [scene.gatewayInnerCertificate.key, 'communities/gateway.key'],
    [scene.partnerAuthority.file, 'partners/partner/ca.crt'],
  ];
  for (const [from, to] of copies) {
    mkdirSync(dirname(join(site, to)), { recursive: true });
    cpSync(from, join(site, to));
  }
}

interface ManagementPorts {
  readonly channel: Endpoint;
  readonly proxyHealth: Endpoint;
  readonly gatewayHealth: Endpoint;
}

function siteFile(scene: Scene, wishes: PairWishes, ports: ManagementPorts): unknown {
  return {
    name: 'home',
    layout: 'dual-dmz',
    domains: [OUR_DOMAIN],
    public: scene.publicEdge,
    channel: { dial: 'inside-out' },
    identities: [
      {
        name: 'main',
        serverNames: [OUR_DOMAIN],
        chain: 'identities/main.crt',
        key: 'identities/main.key',
      },
    ],
    unknownServerName: 'refuse',
    nameservers: wishes.nameservers ?? [],
    proxies: [
      {
        node: 'edge-1',
        listen: [scene.publicEdge, ...plainListeners(wishes)],
        health: ports.proxyHealth,
        channel: ports.channel,
        workers: 2,
      },
    ],
    database: { kind: 'files' },
    gateways: [
      {
        node: 'gateway-1',
        inner: { ...scene.innerGateway, advertise: scene.innerGateway.host },
        health: ports.gatewayHealth,
      },
    ],
    communities: [
      {
        id: 'main',
        domains: [OUR_DOMAIN],
        hosts: [scene.innerServer, wishes.secondInnerServer]
          .filter((host) => host !== undefined)
          .map((host) => ({ ...host, serverName: INNER_SERVER_NAME })),
        ca: 'communities/inner-ca.crt',
        identity: { chain: 'communities/gateway.crt', key: 'communities/gateway.key' },
        probe: { intervalMs: 1000 },
      },
    ],
  };
}

function plainListeners({ plainEdge }: PairWishes): readonly object[] {
  return plainEdge === undefined ? [] : [{ ...plainEdge, transport: 'tcp', advertise: plainEdge }];
}

function partnerFile(wishes: PairWishes): unknown {
  return {
    id: 'partner',
    domains: [PARTNER_DOMAIN],
    anchors: ['partner/ca.crt'],
    methods: METHODS,
    eventPackages: ['presence', 'refer'],
    // Loopback is no address that DNS may lead to, unless the partner's file says that it is at home there.
    sourceNetworks: ['127.0.0.0/8'],
    plainTcp: wishes.plainEdge !== undefined,
    endpoints: wishes.partnerEndpoints ?? [],
    connectionReuse: wishes.connectionReuse ?? 'alias',
    messagesPerSecond: 5000,
    messagesBurst: 5000,
  };
}

function write(site: string, file: string, content: unknown): void {
  mkdirSync(dirname(join(site, file)), { recursive: true });
  writeFileSync(join(site, file), JSON.stringify(content, undefined, 2));
}
