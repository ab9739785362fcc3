import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { memoryOf } from './process-tree.ts';
import { type Door, SipCompany } from './sip-company.ts';
import type { SipSums } from './sip-sums.ts';

const READY_MS = 30_000;
const INNER = /acme\.internal/;
const PARTNER = {
  methods: [...METHODS, 'INFO', 'REFER', 'PRACK'],
  connectionsMax: 1000,
  messagesPerSecond: 50_000,
  messagesBurst: 50_000,
  requestsInFlightMax: 20_000,
};

/** Both programs with two gateways, and the servers of both companies, all on loopback and on ports that were free. */
export class ConversationSite {
  readonly site: PairSite;
  readonly partner: SipCompany;
  readonly inner: SipCompany;
  readonly gateways: PairProcess[] = [];
  readonly #relay: Relay | undefined;
  readonly #workers: number;
  #proxy: PairProcess | undefined;
  readonly #ran: PairProcess[] = [];

  private constructor(
    parts: Pick<ConversationSite, 'site' | 'partner' | 'inner'>,
    workers: number,
    relay?: Relay,
  ) {
    this.site = parts.site;
    this.partner = parts.partner;
    this.inner = parts.inner;
    this.#workers = workers;
    this.#relay = relay;
  }

  static async open(workers: number, sums: SipSums): Promise<ConversationSite> {
    const planned = await pairSite({ gateways: 2, workers });
    const relay = workers === 1 ? await Relay.open(planned.channelPort) : undefined;
    const wishes: SiteWishes = {
      gateways: 2,
      workers,
      partner: PARTNER,
      limits: { connectionsPerSourceMax: 1000, pendingRequestsMax: 50_000 },
      ...(relay && { channelBehind: relay.port }),
    };
    const outside: Door = { name: 'sip.acme.example', port: planned.publicPort, connections: 8 };
    const partner = new SipCompany({
      domain: 'globex.example',
      sentBy: 'edge.globex.example',
      identity: planned.globex.identity,
      serverName: 'acme.example',
      doors: [outside],
      forbidden: INNER,
      sums,
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
    const site = new ConversationSite({ site: planned, partner, inner }, workers, relay);
    await writeSite(planned, site.#ports, wishes);
    await Promise.all([site.startProxy(), site.startGateway(0), site.startGateway(1)]);
    partner.dial();
    inner.dial();
    return site;
  }

  get proxy(): PairProcess {
    if (this.#proxy === undefined) throw new Error('no proxy was started');
    return this.#proxy;
  }

  get hasRelay(): boolean {
    return this.#relay !== undefined;
  }

  async startProxy(): Promise<void> {
    this.#proxy = this.#start('dmz-proxy', 'edge-1');
    await untilHealth(this.site.proxyHealthPort, ({ status }) => status === 'up', READY_MS);
  }

  async startGateway(at: number): Promise<void> {
    const { node, healthPort } = this.#gateway(at);
    this.gateways[at] = this.#start('app-gateway', node);
    await untilHealth(healthPort, ({ channels }) => channels === this.#workers, READY_MS);
  }

  killWorker(): void {
    const [worker] = workersOf(this.proxy);
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

  /** What gateways and proxy say of themselves, and what they hold in memory. */
  async gauges(): Promise<Readonly<Record<string, number>>> {
    const gauges: Record<string, number> = {};
    for (const [at, { healthPort }] of this.site.gateways.entries()) {
      const facts = await untilHealth(healthPort, ({ status }) => status !== undefined, READY_MS);
      gauges[`gateway-${at + 1} transactions`] = facts.transactions ?? -1;
      gauges[`gateway-${at + 1} flows`] = facts.flows ?? -1;
      gauges[`gateway-${at + 1} MiB`] = this.#memoryMiB(this.gateways[at]);
    }
    gauges['proxy MiB'] = this.#memoryMiB(this.proxy);
    return gauges;
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

  async stop(): Promise<void> {
    this.partner.close();
    this.inner.close();
    await Promise.all(this.#ran.filter(({ isRunning }) => isRunning).map((each) => each.stop()));
    this.#relay?.cut();
    this.site.remove();
  }

  get #ports() {
    return { community: this.inner.port, partner: this.partner.port };
  }

  #gateway(at: number) {
    const gateway = this.site.gateways[at];
    if (gateway === undefined) throw new Error(`no gateway ${at}`);
    return gateway;
  }

  #start(name: PairProcess['name'], node: string): PairProcess {
    const program = new PairProcess(name, join(this.site.folder, 'hosts', node));
    this.#ran.push(program);
    return program;
  }

  #memoryMiB(program: PairProcess | undefined): number {
    return program === undefined ? -1 : Math.round(memoryOf([program.pid]).pssKiB / 1024);
  }
}
