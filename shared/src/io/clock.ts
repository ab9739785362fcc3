import { performance } from 'node:perf_hooks';

/** Stops what a clock was asked to do. */
export interface Timer {
  stop(): void;
}

/** Time for the rim, so that tests can turn it by hand. */
export interface Clock {
  /** Only differences mean anything; never set back. */
  monotonicMs(): number;
  /** For certificates' dates and for people. */
  wallMs(): number;
  after(delayMs: number, run: () => void): Timer;
  every(intervalMs: number, run: () => void): Timer;
}

/** The machine's clock; its timers keep no process alive. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return { stop: () => clearTimeout(timer) };
  },
  every: (intervalMs, run) => {
    const timer = setInterval(run, intervalMs).unref();
    return { stop: () => clearInterval(timer) };
  },
};
