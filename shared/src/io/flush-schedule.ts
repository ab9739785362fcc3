import type { Clock, Timer } from './clock.ts';

/** Something with output to write. */
export interface Flushable {
  flush(): void;
}

/** Decides when an output buffer that has become dirty is flushed. */
export interface FlushSchedule {
  /** Called when the first bytes since the last flush come in. */
  dirty(target: Flushable): void;
  /** Called for each further message, with the bytes gathered so far. */
  more(target: Flushable, bytes: number): void;
  /** Called by each flush. */
  flushed(messages: number): void;
}

const turn: Flushable[] = [];
let turnScheduled = false;

/** Once, at the end of this loop turn. A microtask would be too early: those run between two TLS records. */
function flushAtEndOfTurn(target: Flushable): void {
  turn.push(target);
  if (turnScheduled) return;
  turnScheduled = true;
  setImmediate(flushTurn);
}

function flushTurn(): void {
  turnScheduled = false;
  const targets = turn.splice(0);
  for (const target of targets) target.flush();
}

/** Everything a loop turn brought goes out in one write at its end. */
export const everyTurn: FlushSchedule = {
  dirty: flushAtEndOfTurn,
  more: () => undefined,
  flushed: () => undefined,
};

/** A full TLS record: holding it back longer would save nothing. */
const RECORD_BYTES = 16_384;
const HOLD_MS = 1;
/** From this rate on a held write can expect company. */
const HELD_FROM_MESSAGES_PER_MS = 1;
/** Weight of the last flush in the average. */
const WEIGHT = 0.125;

/**
 * Holds a write for a millisecond while there is traffic to share a TLS record with.
 *
 * When little goes on nothing is held: a lone message leaves with its loop turn. At saturation a
 * record fills before the millisecond is over and leaves with its turn as well. In between the hold
 * costs half a millisecond and saves most of the system calls.
 */
export class AdaptiveHold implements FlushSchedule {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #messagesPerMs = 0;
  #flushedAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#flushedAtMs = clock.monotonicMs();
  }

  dirty(target: Flushable): void {
    if (this.#messagesPerMs < HELD_FROM_MESSAGES_PER_MS) {
      flushAtEndOfTurn(target);
      return;
    }
    this.#timer = this.#clock.after(HOLD_MS, () => {
      this.#timer = undefined;
      target.flush();
    });
  }

  more(target: Flushable, bytes: number): void {
    if (this.#timer === undefined || bytes < RECORD_BYTES) return;
    this.#stopTimer();
    flushAtEndOfTurn(target);
  }

  flushed(messages: number): void {
    this.#stopTimer();
    const nowMs = this.#clock.monotonicMs();
    const elapsedMs = Math.max(nowMs - this.#flushedAtMs, 0.01);
    this.#flushedAtMs = nowMs;
    // After a pause the past says nothing about what comes next.
    const weight = Math.max(WEIGHT, Math.min(1, elapsedMs / 10));
    this.#messagesPerMs += (messages / elapsedMs - this.#messagesPerMs) * weight;
  }

  #stopTimer(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }
}
