import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Issued } from '@sallyport/certs/authority.ts';
import { untilHealth } from '../../test/integration/support/pair.ts';
import { PairProcess, workersOf } from '../../test/integration/support/pair-process.ts';
import { Relay } from '../../test/integration/support/pair-relay.ts';
import {
  METHODS,
  type PairSite,
  pairSite,
  partnerFile,
  type SiteWishes,
  writeSite,
} from '../../test/integration/support/pair-site.ts';
import { PostgresServer } from '../../test/peers/support/postgres-server.ts';
import { holdAgainstRecord } from './answers-on-record.ts';
import { memoryOf, openFilesOf } from './process-tree.ts';
import { type Door, SipCompany } from './sip-company.ts';
import type { SipSums } from './sip-sums.ts';
import { SitePeople } from './site-people.ts';
import { databaseGauges, heapOf, storedMiB } from './stored-gauges.ts';

const READY_MS = 30_000;
const HEAP_TELLER = fileURLToPath(new URL('./heap-teller.ts', import.meta.url));
const INNER = /acme\.internal/;
const PARTNER = {
  methods: [...METHODS, 'INFO', 'REFER', 'PRACK'],
  connectionsMax: 1000,
  messagesPerSecond: 50_000,
  messagesBurst: 50_000,
  requestsInFlightMax: 20_000,
};

/** What of a site is there. */
export interface SiteShape {
  readonly workers: number;
  readonly proxies: 1 | 2;
  /** Two gateways on one PostgreSQL server with ledger, partners and operators; otherwise all is in files. */
  readonly hasDatabase: boolean;
}

interface Parts {
  readonly finals: Map<string, number>;
  readonly site: PairSite;
  readonly partner: SipCompany;
  readonly inner: SipCompany;
  readonly database: PostgresServer | undefined;
  readonly relay: Relay | undefined;
}

/** Both programs with two gateways, and the servers of both companies, all on loopback and on ports that were free. */
export class ConversationSite {
  readonly site: PairSite;
  readonly partner: SipCompany;
  readonly inner: SipCompany;
  readonly gateways: PairProcess[] = [];
  readonly proxies: PairProcess[] = [];
  readonly database: PostgresServer | undefined;
  readonly people: SitePeople;
  readonly methods = PARTNER.methods;
  /** Who issues the partner's certificates at present. */
  partnerAuthority: Issued;
  /** The final answers that the partner was given. */
  readonly finals: Map<string, number>;
  readonly #relay: Relay | undefined;
  readonly #shape: SiteShape;
  readonly #ran: PairProcess[] = [];

  private constructor({ site, partner, inner, finals, database, relay }: Parts, shape: SiteShape) {
    this.site = site;
    this.partner = partner;
    this.inner = inner;
    this.finals = finals;
    this.database = database;
    this.partnerAuthority = site.globex.authority;
    this.people = new SitePeople(site.folder, () => {
      const at = this.gateways.findIndex(({ isRunning }) => isRunning);
      return join(site.folder, 'hosts', this.#gateway(at).node);
    });
    this.#shape = shape;
    this.#relay = relay;
  }

  static async open(shape: SiteShape, sums: SipSums): Promise<ConversationSite> {
    const { workers, proxies } = shape;
    const planned = await pairSite({ gateways: 2, proxies, workers });
    const relay = workers === 1 ? await Relay.open(planned.channelPort) : undefined;
    const database = shape.hasDatabase ? await PostgresServer.open() : undefined;
    const wishes: SiteWishes = {
      gateways: 2,
      proxies,
      workers,
      partner: PARTNER,
      limits: { connectionsPerSourceMax: 1000, pendingRequestsMax: 50_000 },
      ...(database && { database: databaseEntry(database) }),
      ...(relay && { channelBehind: relay.port }),
    };
    const outside = { name: 'sip.acme.example', port: planned.publicPort, connections: 8 };
    const { secondProxy } = planned;
    const doors: readonly Door[] =
      secondProxy === undefined ? [outside] : [outside, { ...outside, host: secondProxy.host }];
    const finals = new Map<string, number>();
    const partner = new SipCompany({
      domain: 'globex.example',
      sentBy: 'edge.globex.example',
      identity: planned.globex.identity,
      serverName: 'acme.example',
      doors,
      forbidden: INNER,
      sums,
      ...(database && { finals }),
    });
    const inner = new SipCompany({
      domain: 'acme.example',
      sentBy: 'chat.acme.internal:5070',
      identity: planned.community,
      serverName: 'gateway.acme.internal',
      doors: planned.gateways.map(({ name, innerPort }) => ({
        name,
        port: innerPort,
        connections: 2,
      })),
      forbidden: undefined,
      sums,
    });
    await Promise.all([partner.listen(), inner.listen()]);
    const parts = { site: planned, partner, inner, finals, database, relay };
    const site = new ConversationSite(parts, shape);
    try {
      await writeSite(planned, site.#ports, wishes);
      await site.#begin();
    } catch (cause) {
      await site.stop();
      throw cause;
    }
    return site;
  }

  proxy(at: number): PairProcess {
    const proxy = this.proxies[at % this.proxies.length];
    if (proxy === undefined) throw new Error('no proxy was started');
    return proxy;
  }

  get hasRelay(): boolean {
    return this.#relay !== undefined;
  }

  async startProxy(turn: number): Promise<void> {
    const at = turn % this.#shape.proxies;
    const { proxyHealthPort, secondProxy } = this.site;
    this.proxies[at] = this.#start('dmz-proxy', `edge-${at + 1}`);
    const port = at === 0 ? proxyHealthPort : (secondProxy?.healthPort ?? 0);
    await untilHealth(port, ({ status }) => status === 'up', READY_MS);
  }

  async startGateway(at: number): Promise<void> {
    const { node, healthPort } = this.#gateway(at);
    this.gateways[at] = this.#start('app-gateway', node);
    const all = this.#shape.workers * this.#shape.proxies;
    await untilHealth(healthPort, ({ channels }) => channels === all, READY_MS);
  }

  killWorker(turn: number): void {
    const [worker] = workersOf(this.proxy(turn));
    if (worker !== undefined) process.kill(worker, 'SIGKILL');
  }

  cut(): void {
    this.#relay?.cut();
  }

  async restoreChannel(): Promise<void> {
    await this.#relay?.restore();
  }

  /** A partner file that says something else than before, read by both gateways. */
  async reload(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const file = {
      ...partnerFile('globex', this.site.globex, this.#ports),
      ...PARTNER,
      ...changes,
    };
    for (const { node } of this.site.gateways) {
      const path = join(this.site.folder, 'hosts', node, 'partners/globex.yaml');
      writeFileSync(path, JSON.stringify(file));
    }
    const lines = this.gateways.map((gateway) => gateway.lines.length);
    for (const gateway of this.gateways) gateway.child.kill('SIGHUP');
    const heard = this.gateways.map((gateway, at) =>
      gateway.line('reloaded', undefined, lines[at]),
    );
    await Promise.all(heard);
  }

  /** What programs say of themselves, and what they hold in memory and keep. */
  async gauges(): Promise<Readonly<Record<string, number>>> {
    const gauges: Record<string, number> = {};
    for (const [at, { node, healthPort }] of this.site.gateways.entries()) {
      const facts = await untilHealth(healthPort, ({ status }) => status !== undefined, READY_MS);
      const gateway = this.gateways[at];
      gauges[`${node} transactions`] = facts.transactions ?? -1;
      gauges[`${node} flows`] = facts.flows ?? -1;
      Object.assign(gauges, this.#sizes(node, gateway));
      if (gateway?.isRunning) Object.assign(gauges, await heapOf(node, gateway));
    }
    for (const [at, proxy] of this.proxies.entries()) {
      Object.assign(gauges, this.#sizes(`edge-${at + 1}`, proxy));
    }
    return { ...gauges, ...(this.database && databaseGauges(this.database)) };
  }

  /** Which lines programs have logged how often, those that have ended included. */
  get logged(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const program of this.#ran) {
      for (const line of program.lines) {
        const { event, code = '', reason = '', proxyEvent = '', rule = '' } = line;
        const said = [program.name, event, proxyEvent, code, reason, rule]
          .filter((word) => word !== '')
          .join(' ');
        counts.set(said, (counts.get(said) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** What each program has logged, a file for each. */
  writeLogs(folder: string): void {
    mkdirSync(folder, { recursive: true });
    for (const [at, { name, stdout, stderr }] of this.#ran.entries()) {
      writeFileSync(join(folder, `${String(at).padStart(3, '0')}-${name}.log`), stdout + stderr);
    }
  }

  /** Proxies first, so that gateways take what they still have to tell. */
  async stopPrograms(): Promise<void> {
    const running = (name: PairProcess['name']) =>
      this.#ran.filter((program) => program.name === name && program.isRunning);
    await Promise.all(running('dmz-proxy').map((proxy) => proxy.stop()));
    await Promise.all(running('app-gateway').map((gateway) => gateway.stop()));
  }

  /** Once programs have ended, and with them what they had still to tell. */
  async compareWithRecord(sums: SipSums): Promise<void> {
    if (this.database === undefined) return;
    const { ledger } = await this.database.openStore();
    await holdAgainstRecord(ledger, this.finals, sums);
  }

  async stop(): Promise<void> {
    this.partner.close();
    this.inner.close();
    await this.stopPrograms();
    this.#relay?.cut();
    await this.database?.close();
    this.site.remove();
  }

  get #ports() {
    return { community: this.inner.port, partner: this.partner.port };
  }

  async #begin(): Promise<void> {
    const { proxies, hasDatabase } = this.#shape;
    const edges = Array.from({ length: proxies }, (_, at) => this.startProxy(at));
    await Promise.all([...edges, this.startGateway(0), this.startGateway(1)]);
    if (hasDatabase) await this.people.begin();
    this.partner.dial();
    this.inner.dial();
  }

  #gateway(at: number) {
    const gateway = this.site.gateways[at];
    if (gateway === undefined) throw new Error(`no gateway ${at}`);
    return gateway;
  }

  #start(name: PairProcess['name'], node: string): PairProcess {
    const options = name === 'app-gateway' ? ['--expose-gc', '--import', HEAP_TELLER] : [];
    const program = new PairProcess(name, join(this.site.folder, 'hosts', node), options);
    this.#ran.push(program);
    return program;
  }

  #sizes(node: string, program: PairProcess | undefined): Readonly<Record<string, number>> {
    const pids = program?.isRunning ? [program.pid] : [];
    const bundle = join(this.site.folder, 'hosts', node);
    return {
      [`${node} MiB`]: Math.round(memoryOf(pids).pssKiB / 1024),
      [`${node} files`]: openFilesOf(pids),
      [`${node} stored MiB`]: storedMiB(bundle),
    };
  }
}

function databaseEntry({ socketFolder, port }: PostgresServer): object {
  const where = { host: socketFolder, port, database: 'sallyport', user: 'sallyport', tls: 'off' };
  return { kind: 'postgresql', ...where };
}
