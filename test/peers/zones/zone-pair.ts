import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SiteFile } from '@sallyport/app-gateway/config/site-schema.ts';
import { makePlan } from '@sallyport/app-gateway/plan/make-plan.ts';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import { haproxyConfig } from '@sallyport/app-gateway/plan/render/haproxy.ts';
import type { SiteDraft } from '../../app-gateway/plan/site-on-a-network.ts';
import { PARTNER_DOMAIN } from '../support/addresses.ts';
import { type Kamailio, startKamailio } from '../support/kamailio.ts';
import { DATABASE_NAME, type DatabasePlace, PostgresServer } from '../support/postgres-server.ts';
import type { Program } from '../support/program.ts';
import { type Stage, staged } from '../support/stage.ts';
import { until } from '../support/wait.ts';
import { type GeneratedRules, NFTABLES } from './generated-rules.ts';
import type { Listener } from './listener.ts';
import { loadBalancer, startRotation } from './packet-balancer.ts';
import type { Said, Speaker } from './speaker.ts';
import { type OuterHost, ZoneNetwork } from './zone-network.ts';
import { makeZoneSite, parsedSite, siteFileOf, type ZoneSite } from './zone-site.ts';

const COMMAND_LINE = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
const UP_MS = 30_000;
/** Where our community's server takes its own users. */
const USERS_PORT = 5080;

/** Two people outside; the first is the partner. */
export const OUTSIDE: readonly OuterHost[] = [
  { name: 'partner-a', addresses: ['198.18.0.7', '2001:db8:ffff::7'] },
  { name: 'partner-b', addresses: ['198.18.0.8', '2001:db8:ffff::8'] },
];
const PARTNER_SERVER = { address: '198.18.0.7', port: 5061 } as const;

/** The plan of a site file; fails the test where it is refused. */
export function planOfSite(site: SiteDraft): NetworkPlan {
  const made = makePlan(parsedSite(site));
  assert.ok(made.ok, made.ok ? '' : made.error.map(({ message }) => message).join('\n'));
  return made.value.plan;
}

/** Runs a test in the zones of a plan, with its rules in force, and takes the zones down again. */
export function inZones(
  planOf: () => NetworkPlan | Promise<NetworkPlan>,
  play: (stage: Stage, network: ZoneNetwork) => Promise<void>,
  rules: GeneratedRules = NFTABLES,
): (test: TestContext) => Promise<void> {
  return async (test) => {
    const network = ZoneNetwork.build(await planOf(), OUTSIDE);
    try {
      rules.load(network);
      await staged((stage) => play(stage, network))(test);
    } finally {
      network.remove();
    }
  };
}

/** A whole site at work in its zones: our programs, the servers around them, and a partner outside. */
export class ZonePair {
  readonly stage: Stage;
  readonly network: ZoneNetwork;
  readonly site: ZoneSite;
  readonly #file: SiteFile;
  /** Programs of ours that run, by node. */
  readonly nodes = new Map<string, Program>();
  #kamailio: Kamailio | undefined;
  readonly #others = new Map<string, Program>();
  #speakers = 0;

  private constructor(stage: Stage, network: ZoneNetwork, site: ZoneSite, file: SiteFile) {
    this.stage = stage;
    this.network = network;
    this.site = site;
    this.#file = file;
  }

  static async start(stage: Stage, network: ZoneNetwork, draft: SiteDraft): Promise<ZonePair> {
    const file = siteFileOf(draft);
    const database = await startDatabase(stage, network, file);
    const partner = { ...PARTNER_SERVER, networks: OUTSIDE.flatMap(({ addresses }) => addresses) };
    const whole = { ...draft, ...database?.settings };
    const site = await makeZoneSite(stage, whole, partner, database?.files);
    const pair = new ZonePair(stage, network, site, file);
    await pair.#startCommunities();
    await pair.#startPartner();
    const nodes = [...file.proxies, ...file.gateways].map(({ node }) => node);
    await Promise.all(nodes.map((node) => pair.startNode(node)));
    await pair.#up();
    await pair.#startBalancers();
    return pair;
  }

  /** Starts a node of ours on its host. */
  async startNode(node: string): Promise<Program> {
    const role = this.#file.proxies.some((each) => each.node === node)
      ? 'dmz-proxy'
      : 'app-gateway';
    const args = [COMMAND_LINE, role, '--bundle', join(this.site.folder, 'hosts', node)];
    const program = await this.stage.start(
      { name: node, ...this.network.at(this.hostOf(node)).command(process.execPath, args) },
      ({ log }) => /"event":"(?:ready|waiting-for-snapshot)"/.test(log),
    );
    this.nodes.set(node, program);
    return program;
  }

  /** Waits until every proxy has opened its ports to partners, and every gateway has all its channels. */
  async #up(): Promise<void> {
    const { proxies, gateways } = this.#file;
    for (const { node, workers } of proxies) {
      await this.#says(node, '"event":"ready"', workers, 'to take partners');
    }
    const channels = proxies.reduce((sum, { workers }) => sum + workers, 0);
    for (const { node } of gateways) {
      await this.#says(node, '"event":"channel-ready"', channels, 'to reach all proxies');
    }
  }

  async #says(node: string, words: string, times: number, what: string): Promise<void> {
    const said = () => (this.nodes.get(node)?.log.split(words).length ?? 1) - 1;
    await until(`${node} ${what}`, UP_MS, () => said() >= times || undefined);
  }

  /** Call-IDs of the messages that reached our community's server. */
  get delivered(): ReadonlySet<string> {
    const messages = this.#kamailio?.received() ?? [];
    return new Set(messages.flatMap(({ text }) => /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? []));
  }

  /** A balancer's program, by its host. */
  program(host: string): Program {
    const program = this.#others.get(host);
    assert.ok(program !== undefined, host);
    return program;
  }

  /** The proxy that a partner's connections come to, by the address that the proxy's host sees. */
  proxyOf(address: string): string {
    const { port } = this.publicEdge;
    const found = this.#file.proxies.filter(({ node }) => {
      const space = this.network.at(this.hostOf(node));
      const seen = space.run('ss', ['-Htn', 'state', 'established', 'sport', '=', `:${port}`]);
      return seen.includes(` ${address}:`);
    });
    const [proxy] = found;
    assert.ok(proxy !== undefined && found.length === 1, `${address} is with one proxy`);
    return proxy.node;
  }

  hostOf(node: string): string {
    const host = this.network.plan.hosts.find(({ nodes }) => nodes.includes(node));
    assert.ok(host !== undefined, node);
    return host.name;
  }

  /** What partners dial: the balancer, or the first proxy, by its public address. */
  get publicEdge(): { readonly host: string; readonly port: number } {
    const edge = this.network.plan.flows.find(
      ({ from, via, to }) =>
        via === undefined &&
        from.zone === 'internet' &&
        from.host === undefined &&
        (to.networks[0]?.includes(':') ?? true) === false,
    );
    assert.ok(edge !== undefined, 'partners may connect');
    return {
      host: edge.nat?.address ?? edge.to.networks[0] ?? '',
      port: edge.nat?.port ?? edge.ports.first,
    };
  }

  /** Somebody outside writes to one of our users; the program says what became of each message. */
  async partnerWrites(from: string, count: number, wishes: Partial<Speaker> = {}) {
    const { chain, key } = this.site.partnerCertificate;
    const [domain = ''] = this.#file.domains;
    return await this.#speak(from, {
      ...this.publicEdge,
      tls: { serverName: domain, chain, key },
      from: `alice@${PARTNER_DOMAIN}`,
      to: `bob@${domain}`,
      count,
      pauseMs: 0,
      name: `from-${from}`,
      ...wishes,
    });
  }

  /** One of our users writes to the partner, through our community's server. */
  async userWrites(count: number) {
    const server = this.network.plan.hosts.find(({ roles }) => roles.includes('community'));
    assert.ok(server !== undefined);
    const [domain = ''] = this.#file.domains;
    return await this.#speak(server.name, {
      host: server.addresses[0] ?? '',
      port: USERS_PORT,
      from: `bob@${domain}`,
      to: `alice@${PARTNER_DOMAIN}`,
      count,
      pauseMs: 0,
      name: 'from-inside',
    });
  }

  async #speak(host: string, wishes: Speaker): Promise<Talk> {
    this.#speakers += 1;
    const args = [join(import.meta.dirname, 'speaker.ts'), JSON.stringify(wishes)];
    const program = await this.stage.start(
      {
        name: `speaker-${this.#speakers}`,
        ...this.network.at(host).command(process.execPath, args),
      },
      () => true,
    );
    return new Talk(program);
  }

  async #startCommunities(): Promise<void> {
    const { communities, gateways, domains } = this.#file;
    const [gateway] = gateways;
    const first = communities[0]?.hosts[0];
    assert.ok(first !== undefined && gateway !== undefined);
    const { plan } = this.network;
    const host = plan.hosts.find(({ addresses }) => addresses.includes(first.host));
    assert.ok(host !== undefined, 'the community’s server is on the plan');
    const inner = plan.sockets.find(
      (socket) => socket.host === this.hostOf(gateway.node) && socket.port === gateway.inner.port,
    );
    this.#kamailio = await startKamailio(this.stage, {
      name: host.name,
      ownDomain: domains[0] ?? '',
      otherDomain: PARTNER_DOMAIN,
      tls: first,
      tcpPort: USERS_PORT,
      certificate: this.site.innerCertificate,
      ca: this.site.innerAuthority.file,
      federation: { host: inner?.address ?? '', port: gateway.inner.port },
      federationName: 'gw1.inner.example',
      agent: { host: first.host, port: USERS_PORT },
      place: this.network.at(host.name),
    });
  }

  async #startPartner(): Promise<void> {
    const { chain, key } = this.site.partnerCertificate;
    const wishes: Listener = {
      host: PARTNER_SERVER.address,
      port: PARTNER_SERVER.port,
      chain,
      key,
    };
    const args = [join(import.meta.dirname, 'listener.ts'), JSON.stringify(wishes)];
    await this.stage.start(
      {
        name: 'partner-server',
        ...this.network.at('partner-a').command(process.execPath, args),
      },
      ({ log }) => log.includes('ready'),
    );
  }

  async #startBalancers(): Promise<void> {
    for (const balancer of this.network.plan.balancers) {
      if (balancer.kind === 'nftables') {
        loadBalancer(this.network, balancer);
        this.#others.set(balancer.host, await startRotation(this.stage, this.network, balancer));
        continue;
      }
      assert.equal(balancer.kind, 'haproxy', 'no other is started here');
      const folder = this.stage.subfolder(balancer.host);
      mkdirSync(folder, { recursive: true });
      const file = join(folder, 'haproxy.cfg');
      const { connectionsMax } = this.#file.limits;
      writeFileSync(file, haproxyConfig(this.network.plan, balancer, connectionsMax));
      const space = this.network.at(balancer.host);
      const program = await this.stage.start(
        { name: balancer.host, ...space.command('/usr/sbin/haproxy', ['-db', '-f', file]) },
        () => space.accepts(balancer.listen.address, balancer.listen.port),
      );
      this.#others.set(balancer.host, program);
    }
  }
}

/** A speaker at work, and what it has said so far. */
export class Talk {
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  get said(): readonly Said[] {
    return this.#program.log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }

  /** Statuses of all its messages, once it is done. */
  async statuses(timeoutMs = 60_000): Promise<readonly number[]> {
    assert.equal(await this.#program.finished(timeoutMs), 0, this.#program.log);
    return this.said.map(({ status }) => status);
  }
}

/** A real PostgreSQL on the host that the site file names; gives the files and the settings that the site needs of it. */
async function startDatabase(stage: Stage, network: ZoneNetwork, { database }: SiteFile) {
  if (database?.kind !== 'postgresql') return undefined;
  const { host: address, port } = database;
  const host = network.plan.hosts.find(({ addresses }) => addresses.includes(address));
  assert.ok(host !== undefined, 'the database is on the plan');
  const space = network.at(host.name);
  const command: DatabasePlace['command'] = (program, args) => space.command(program, args);
  const server = await PostgresServer.open({ host: address, port, command });
  stage.atTheVeryEnd(() => server.close());
  const settings = {
    database: {
      ...database,
      serverName: DATABASE_NAME,
      ca: 'database-ca.pem',
      passwordFile: 'database.password',
    },
  };
  const files = { 'database-ca.pem': server.caFile, 'database.password': server.passwordFile };
  return { settings, files };
}
