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
/** Turns that write more often than this are worth joining. */
const SPACING_MS_MAX = 0.35;
/** So many flushes are watched before a decision, and so many are held before the next watch. */
const WATCHED_FLUSHES = 8;
const HELD_FLUSHES = 32;
/** After so many held flushes in a row with one message only, there is no company to wait for. */
const LONELY_FLUSHES_MAX = 2;

/**
 * Holds a write for a millisecond while the turns of the loop write more often than that.
 *
 * When little goes on nothing is held: a lone message leaves with its loop turn. At saturation a
 * turn takes long and brings much, so that its one write is enough. In between, many turns write
 * little each: then the hold costs about a millisecond and saves most of the system calls. What a
 * hold prevents cannot be seen while it is on, so it is lifted now and then to look.
 */
export class AdaptiveHold implements FlushSchedule {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #heldFlushesLeft = 0;
  #lonelyFlushes = 0;
  #watchedFlushes = 0;
  #watchedSinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#watchedSinceMs = clock.monotonicMs();
  }

  dirty(target: Flushable): void {
    if (this.#heldFlushesLeft === 0) {
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
    if (this.#heldFlushesLeft > 0) {
      this.#lonelyFlushes = messages > 1 ? 0 : this.#lonelyFlushes + 1;
      this.#heldFlushesLeft--;
      if (this.#lonelyFlushes >= LONELY_FLUSHES_MAX) this.#heldFlushesLeft = 0;
      if (this.#heldFlushesLeft === 0) this.#watch(this.#clock.monotonicMs());
      return;
    }
    this.#watchedFlushes++;
    if (this.#watchedFlushes < WATCHED_FLUSHES) return;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#watchedSinceMs < SPACING_MS_MAX * WATCHED_FLUSHES) {
      this.#heldFlushesLeft = HELD_FLUSHES;
      this.#lonelyFlushes = 0;
    }
    this.#watch(nowMs);
  }

  #watch(nowMs: number): void {
    this.#watchedFlushes = 0;
    this.#watchedSinceMs = nowMs;
  }

  #stopTimer(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }
}
