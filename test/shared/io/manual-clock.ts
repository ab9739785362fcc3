import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';

interface Alarm {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/** A clock that stands still until a test turns it; timers run in the order of their time. */
export class ManualClock implements Clock {
  readonly #startedAtMs: number;
  readonly #alarms = new Set<Alarm>();
  #nowMs = 0;

  /** Without a time of its own it starts now, as certificates that a test makes do. */
  constructor(startedAtMs = Date.now()) {
    this.#startedAtMs = startedAtMs;
  }

  /** Timers that wait, to see that none is left behind. */
  get waiting(): number {
    return this.#alarms.size;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#startedAtMs + this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#add({ dueMs: this.#nowMs + delayMs, everyMs: undefined, run });
  }

  every(intervalMs: number, run: () => void): Timer {
    return this.#add({ dueMs: this.#nowMs + intervalMs, everyMs: intervalMs, run });
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const [next] = [...this.#alarms].sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined || next.dueMs > untilMs) break;
      this.#nowMs = next.dueMs;
      if (next.everyMs === undefined) this.#alarms.delete(next);
      else next.dueMs += next.everyMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }

  #add(alarm: Alarm): Timer {
    this.#alarms.add(alarm);
    return { stop: () => this.#alarms.delete(alarm) };
  }
}
