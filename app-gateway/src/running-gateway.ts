import { setTimeout as delay } from 'node:timers/promises';
import type { Applied, RunningSite } from './commands/command-context.ts';
import type { Gateway } from './gateway.ts';

/** So long a command waits for the proxies, and for the connections of who was cut off. */
const ANSWERS_MS = 5000;
const TICK_MS = 25;

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
    const before = this.#gateway.flowNames();
    const until = performance.now() + ANSWERS_MS;
    await this.#reloaded();
    const leftMs = () => Math.max(0, until - performance.now());
    const proxies = await this.#gateway.snapshotAnswers(revision, leftMs());
    while (proxies.length > 0 && this.#gateway.hasStrangers && leftMs() > 0) await delay(TICK_MS);
    const after = this.#gateway.flowNames();
    return { proxies, closedFlows: [...before].filter((name) => !after.has(name)).length };
  }

  flows(partner: string): ReturnType<RunningSite['flows']> {
    return this.#gateway.flowsOf(partner);
  }
}
