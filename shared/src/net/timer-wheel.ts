/**
 * One timer: who waits for what. Make it once with its owner and arm it as often as needed.
 *
 * It carries its own place in the wheel, so arming and cancelling touch no table
 * and allocate nothing; it can be armed in one wheel only.
 */
export class Timer<Owner, Name = string> {
  readonly owner: Owner;
  readonly name: Name;
  /** Set by the wheel. */
  dueTick = 0;
  before: TimerLink | undefined;
  after: TimerLink | undefined;

  constructor(owner: Owner, name: Name) {
    this.owner = owner;
    this.name = name;
  }

  get isArmed(): boolean {
    return this.before !== undefined;
  }
}

/** What a ring is made of: timers and the slot they hang in. */
export interface TimerLink {
  before: TimerLink | undefined;
  after: TimerLink | undefined;
}

/**
 * Tens of thousands of coarse timers on one tick (a hierarchical timing wheel).
 *
 * SIP arms a timer or two for every transaction and cancels nearly all of them, so
 * `schedule` and `cancel` are O(1) and make no garbage. A timer never fires early
 * and at most one tick, plus the time between calls of `advance`, late. Firing order
 * is by tick; within a tick it is not promised. Waits up to 64^4 ticks are exact,
 * longer ones too: they go round once more.
 *
 * The wheel has no clock. Its driver calls `advance` about once per tick while `size` is not zero.
 */
export class TimerWheel<Owner, Name = string> {
  readonly #tickMs: number;
  readonly #startMs: number;
  readonly #slots: readonly TimerLink[];
  #tick = 0;
  #size = 0;

  constructor(tickMs: number, startMs: number) {
    this.#tickMs = tickMs;
    this.#startMs = startMs;
    this.#slots = Array.from({ length: LEVELS * SLOTS }, emptyRing);
  }

  /** Timers armed now. */
  get size(): number {
    return this.#size;
  }

  /** Arms the timer, or arms it anew: an earlier wait is replaced. */
  schedule(timer: Timer<Owner, Name>, nowMs: number, delayMs: number): void {
    this.cancel(timer);
    const dueTick = Math.ceil((nowMs + delayMs - this.#startMs) / this.#tickMs);
    timer.dueTick = Math.max(dueTick, this.#tick + 1);
    this.#size++;
    this.#place(timer);
  }

  /** Nothing happens when the timer is not armed: it fired, or never was. */
  cancel(timer: Timer<Owner, Name>): void {
    if (!timer.isArmed) return;
    unlink(timer);
    this.#size--;
  }

  /**
   * Moves the wheel to `nowMs` and fires what is due, each timer already disarmed.
   *
   * `fire` may schedule and cancel any timer; what it schedules waits for a later
   * tick. Should it throw, the timers not reached fire at the next call.
   */
  advance(nowMs: number, fire: (owner: Owner, name: Name) => void): void {
    const target = Math.floor((nowMs - this.#startMs) / this.#tickMs);
    this.#fireSlot(fire);
    while (this.#tick < target) {
      if (this.#size === 0) {
        this.#tick = target;
        return;
      }
      this.#tick++;
      this.#cascade();
      this.#fireSlot(fire);
    }
  }

  #fireSlot(fire: (owner: Owner, name: Name) => void): void {
    const slot = this.#slot(0, this.#tick);
    while (slot.after !== slot) {
      const timer = slot.after as Timer<Owner, Name>;
      this.cancel(timer);
      fire(timer.owner, timer.name);
    }
  }

  /** At the turn of a lower level, the next slot of the level above is dealt out over it. */
  #cascade(): void {
    let span = SLOTS;
    for (let level = 1; level < LEVELS && this.#tick % span === 0; level++) {
      const slot = this.#slot(level, this.#tick / span);
      const first = slot.after;
      if (first !== slot) {
        const last = slot.before as TimerLink;
        slot.after = slot;
        slot.before = slot;
        last.after = undefined;
        this.#deal(first as Timer<Owner, Name>);
      }
      span *= SLOTS;
    }
  }

  #deal(first: Timer<Owner, Name>): void {
    let timer: Timer<Owner, Name> | undefined = first;
    while (timer) {
      const next = timer.after as Timer<Owner, Name> | undefined;
      this.#place(timer);
      timer = next;
    }
  }

  #place(timer: Timer<Owner, Name>): void {
    // Beyond the horizon: to the far end of the top level, from where it is placed again.
    const ticks = Math.min(timer.dueTick - this.#tick, HORIZON_TICKS - 1);
    let level = 0;
    let span = 1;
    while (ticks >= span * SLOTS) {
      level++;
      span *= SLOTS;
    }
    link(timer, this.#slot(level, Math.floor((this.#tick + ticks) / span)));
  }

  #slot(level: number, turn: number): TimerLink {
    return this.#slots[level * SLOTS + (turn % SLOTS)] as TimerLink;
  }
}

function emptyRing(): TimerLink {
  const slot: TimerLink = { before: undefined, after: undefined };
  slot.before = slot;
  slot.after = slot;
  return slot;
}

function link(timer: TimerLink, slot: TimerLink): void {
  const last = slot.before as TimerLink;
  timer.before = last;
  timer.after = slot;
  last.after = timer;
  slot.before = timer;
}

function unlink(timer: TimerLink): void {
  (timer.before as TimerLink).after = timer.after;
  (timer.after as TimerLink).before = timer.before;
  timer.before = undefined;
  timer.after = undefined;
}

const LEVELS = 4;
const SLOTS = 64;
const HORIZON_TICKS = SLOTS ** LEVELS;
