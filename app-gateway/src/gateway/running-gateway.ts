import { setTimeout as delay } from 'node:timers/promises';
import { liveFlow } from '../adapters/channel/live-flow.ts';
import type { Applied, RunningSite } from '../commands/command-context.ts';
import type { Gateway } from './gateway.ts';

/** So long a command waits for the proxies, and for the connections of who was cut off. */
const ANSWERS_MS = 5000;
const TICK_MS = 25;

/** The state as it is now makes no site: what was in force stays in force. */
const NOT_TAKEN: Applied = {
  proxies: [
    { proxy: 'all proxies', accepted: false, reason: 'the gateway refused it, see its log' },
  ],
  closedFlows: 0,
};

/** The running gateway as commands move it. */
export class RunningGateway implements RunningSite {
  readonly #gateway: Gateway;
  readonly #reloaded: () => Promise<void>;

  /** `reloaded` resolves when every change known by now was taken over, or refused. */
  constructor(gateway: Gateway, reloaded: () => Promise<void>) {
    this.#gateway = gateway;
    this.#reloaded = reloaded;
  }

  async apply(revision: number): Promise<Applied> {
    const before = this.#flowNames();
    const until = performance.now() + ANSWERS_MS;
    await this.#reloaded();
    if (this.#gateway.site.version < revision) return NOT_TAKEN;
    const leftMs = () => Math.max(0, until - performance.now());
    const proxies = await this.#gateway.snapshotAnswers(revision, leftMs());
    while (proxies.length > 0 && this.#hasStrangers() && leftMs() > 0) await delay(TICK_MS);
    const after = this.#flowNames();
    return { proxies, closedFlows: [...before].filter((name) => !after.has(name)).length };
  }

  flows(partner: string): ReturnType<RunningSite['flows']> {
    return [...(this.#gateway.hub.flowsByPartner.get(partner) ?? [])].map(liveFlow);
  }

  probe(...asked: Parameters<RunningSite['probe']>): ReturnType<RunningSite['probe']> {
    return this.#gateway.hub.probe(...asked);
  }

  #flowNames(): ReadonlySet<string> {
    const flows = [...this.#gateway.hub.flowsByPartner.values()].flatMap((ofOne) => [...ofOne]);
    return new Set(flows.map(({ flow }) => flow));
  }

  /** Whether connections are open of anybody who is no partner, or not any more. */
  #hasStrangers(): boolean {
    const partners = new Set(this.#gateway.site.partners.map(({ id }) => id));
    return [...this.#gateway.hub.flowsByPartner.keys()].some((id) => !partners.has(id));
  }
}
