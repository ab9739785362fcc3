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
  /** Called when what was dirty has been flushed. */
  flushed(): void;
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
/** Turns that write more often than this are worth joining: two more come while one is held. One that comes later is no company. */
const SPACING_MS_MAX = 0.6;
/** So many flushes are watched before a decision; twice as many after each hold that was in vain. */
const WATCHED_FLUSHES_MIN = 8;
const WATCHED_FLUSHES_MAX = 256;
/** After so many held writes in a row that no later turn joined soon, there is no company to wait for. */
const LONELY_FLUSHES_MAX = 6;
/** A hold that has served so many writes was no mistake. */
const PROVEN_FLUSHES = 32;

/**
 * Holds a write for a millisecond while the turns of the loop write more often than that.
 *
 * When little goes on nothing is held: a lone message leaves with its loop turn. At saturation one
 * turn fills a record, which leaves at its end. In between, many turns write little each: then the
 * hold costs about a millisecond and saves most of the system calls, here and at the other end.
 * What counts as company is another turn that comes soon, not another message: where the other end holds
 * back, one turn brings all there is, once a millisecond, and holding that would add its wait for nothing.
 */
export class AdaptiveHold implements FlushSchedule {
  readonly #clock: Clock;
  readonly #endFirstTurn = (): void => {
    this.#isFirstTurn = false;
  };
  #timer: Timer | undefined;
  #isHolding = false;
  /** Whether the loop is still in the turn that made the held bytes dirty. */
  #isFirstTurn = false;
  #isJoined = false;
  /** Whether another turn has joined soon. */
  #hasCompany = false;
  #heldSinceMs = 0;
  #heldFlushes = 0;
  #lonelyFlushes = 0;
  #watchedFlushesMax = WATCHED_FLUSHES_MIN;
  #watchedFlushes = 0;
  #watchedSinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#watchedSinceMs = clock.monotonicMs();
  }

  dirty(target: Flushable): void {
    if (!this.#isHolding) {
      flushAtEndOfTurn(target);
      return;
    }
    this.#isJoined = false;
    this.#hasCompany = false;
    this.#heldSinceMs = this.#clock.monotonicMs();
    this.#isFirstTurn = true;
    setImmediate(this.#endFirstTurn);
    this.#timer = this.#clock.after(HOLD_MS, () => {
      this.#timer = undefined;
      target.flush();
    });
  }

  more(target: Flushable, bytes: number): void {
    if (this.#timer === undefined) return;
    if (!this.#isFirstTurn && !this.#isJoined) this.#meet();
    if (bytes < RECORD_BYTES) return;
    this.#stopTimer();
    flushAtEndOfTurn(target);
  }

  flushed(): void {
    this.#stopTimer();
    if (this.#isHolding) this.#judgeHold();
    else if (++this.#watchedFlushes >= this.#watchedFlushesMax) this.#judgeSpacing();
  }

  /** The first other turn that joins tells whether they come often enough. */
  #meet(): void {
    this.#isJoined = true;
    this.#hasCompany = this.#clock.monotonicMs() - this.#heldSinceMs < SPACING_MS_MAX;
  }

  #judgeHold(): void {
    this.#heldFlushes++;
    this.#lonelyFlushes = this.#hasCompany ? 0 : this.#lonelyFlushes + 1;
    if (this.#lonelyFlushes < LONELY_FLUSHES_MAX) return;
    this.#isHolding = false;
    this.#watchedFlushesMax =
      this.#heldFlushes >= PROVEN_FLUSHES
        ? WATCHED_FLUSHES_MIN
        : Math.min(WATCHED_FLUSHES_MAX, this.#watchedFlushesMax * 2);
    this.#watch(this.#clock.monotonicMs());
  }

  #judgeSpacing(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#watchedSinceMs < SPACING_MS_MAX * this.#watchedFlushes) {
      this.#isHolding = true;
      this.#heldFlushes = 0;
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
