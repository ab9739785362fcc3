import { TimerWheel } from '@sallyport/shared/net/timer-wheel.ts';
import { TIMER_MS, type TimerName } from '@sallyport/shared/sip/transaction/transaction-timers.ts';
import type { TimerOwner } from './proxied-request.ts';

const TICK_MS = 50;

/** The timers of all transactions (RFC 3261 §17, table 4), each of its own length. */
export class TransactionWheel extends TimerWheel<TimerOwner, TimerName> {
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    super(TICK_MS, nowMs());
    this.#nowMs = nowMs;
  }

  arm(owner: TimerOwner, name: TimerName): void {
    this.schedule(owner.timers.get(name), this.#nowMs(), TIMER_MS[name]);
  }

  clear(owner: TimerOwner, name: TimerName): void {
    owner.timers.cancel(name, this);
  }
}
