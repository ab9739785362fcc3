import { setTimeout as delay } from 'node:timers/promises';
import type { Line } from './pair-line.ts';
import { type RequestWishes, requestText } from './pair-message.ts';

/** Whose messages they are, and how long each stream rests after an answer. */
export interface TrafficWishes {
  readonly request?: RequestWishes;
  readonly restMs?: number;
}

/** Messages that follow each other, several abreast, until it is stopped; then it tells how many got what. */
export class Traffic {
  readonly statuses = new Map<number, number>();
  readonly #line: Line;
  readonly #wishes: TrafficWishes;
  readonly #streams: readonly Promise<void>[];
  #isOn = true;

  constructor(line: Line, abreast: number, wishes: TrafficWishes = {}) {
    this.#line = line;
    this.#wishes = wishes;
    this.#streams = Array.from({ length: abreast }, () => this.#stream());
  }

  async stop(): Promise<ReadonlyMap<number, number>> {
    this.#isOn = false;
    await Promise.all(this.#streams);
    return this.statuses;
  }

  async #stream(): Promise<void> {
    const { request, restMs } = this.#wishes;
    while (this.#isOn) {
      const { status } = await this.#line.ask(requestText('MESSAGE', request));
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      if (restMs !== undefined) await delay(restMs);
    }
  }
}
