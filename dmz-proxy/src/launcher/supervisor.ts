import type { ChildProcess } from 'node:child_process';
import { errorCode } from '@sallyport/shared/error-code.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';

/** Exit status of a worker that would only fail the same way again: bundle or rights are wrong. */
export const EXIT_MISCONFIGURED = 78;

const RESTART_DELAY_MS_MAX = 10_000;
const STEADY_AFTER_MS = 60_000;
/** Looks, and not time: a machine that was put to sleep wakes with all its workers. */
const LOOK_MS = 5000;
const QUIET_LOOKS_MAX = 4;
/** Where among a worker's pipes its signs of life come from. */
const HEARTBEAT = 3;

export interface SupervisorOptions {
  readonly workers: number;
  readonly start: (worker: number) => ChildProcess;
  readonly clock: Clock;
  readonly log: Logger;
  /** Every worker has ended for good; with the exit status for the whole program. */
  readonly ended: (status: number) => void;
}

interface Seat {
  child: ChildProcess | undefined;
  restart: Timer | undefined;
  attempts: number;
  startedAtMs: number;
  /** Looks since the last sign of life; undefined until the first one, for a start may take long. */
  quietLooks: number | undefined;
}

/** How a worker ended; with the system's code where it could not even be started. */
interface End {
  readonly status: number | null;
  readonly signal: string | null;
  readonly code?: string | undefined;
}

/**
 * Keeps the workers running: one that dies is started again, sooner at first than later, and one that gives no more
 * signs of life for twenty seconds is killed first.
 *
 * A worker that ends by itself as misconfigured ends the whole program, so that the operator sees it.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #seats: readonly Seat[];
  #stopping = false;
  #status = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#seats = Array.from({ length: options.workers }, () => ({
      child: undefined,
      restart: undefined,
      attempts: 0,
      startedAtMs: 0,
      quietLooks: undefined,
    }));
    options.clock.every(LOOK_MS, () => this.#look());
    for (const [worker, seat] of this.#seats.entries()) this.#start(worker, seat);
  }

  /** Passes a signal on, such as SIGHUP to read the bundle again. */
  signal(signal: NodeJS.Signals): void {
    for (const { child } of this.#seats) child?.kill(signal);
  }

  /** Lets every worker drain and end; none is started again. */
  stop(): void {
    this.#stopping = true;
    for (const seat of this.#seats) {
      seat.restart?.stop();
      seat.restart = undefined;
      seat.child?.kill('SIGTERM');
    }
    this.#finish();
  }

  #start(worker: number, seat: Seat): void {
    seat.startedAtMs = this.#options.clock.monotonicMs();
    seat.restart = undefined;
    seat.quietLooks = undefined;
    const child = this.#begin(worker, seat);
    if (child === undefined) return;
    seat.child = child;
    child.stdio?.[HEARTBEAT]
      ?.on('data', () => {
        if (seat.child === child) seat.quietLooks = 0;
      })
      .on('error', () => undefined);
    child.once('error', (cause) => this.#exited(worker, seat, child, neverBegun(cause)));
    child.once('exit', (status, signal) => this.#exited(worker, seat, child, { status, signal }));
  }

  /** Node throws what it does not tell as an event: no memory, a program that is being replaced. The other workers go on. */
  #begin(worker: number, seat: Seat): ChildProcess | undefined {
    try {
      return this.#options.start(worker);
    } catch (cause) {
      this.#startAgain(worker, seat, neverBegun(cause));
      return undefined;
    }
  }

  #look(): void {
    for (const [worker, seat] of this.#seats.entries()) {
      if (seat.child === undefined || seat.quietLooks === undefined) continue;
      seat.quietLooks += 1;
      if (seat.quietLooks <= QUIET_LOOKS_MAX) continue;
      this.#options.log.error('worker-silent', { worker });
      seat.quietLooks = undefined;
      seat.child.kill('SIGKILL');
    }
  }

  #exited(worker: number, seat: Seat, child: ChildProcess, end: End): void {
    const { status, signal } = end;
    if (seat.child !== child) return;
    seat.child = undefined;
    if (status === EXIT_MISCONFIGURED && !this.#stopping) {
      this.#status = EXIT_MISCONFIGURED;
      this.stop();
      return;
    }
    if (this.#stopping) {
      // One that had not got as far as its own handler is ended by the signal itself.
      if (status !== 0 && signal !== 'SIGTERM') this.#status = Math.max(this.#status, 1);
      this.#finish();
      return;
    }
    this.#startAgain(worker, seat, end);
  }

  #startAgain(worker: number, seat: Seat, end: End): void {
    const livedMs = this.#options.clock.monotonicMs() - seat.startedAtMs;
    seat.attempts = livedMs > STEADY_AFTER_MS ? 0 : seat.attempts + 1;
    const delayMs = Math.min(RESTART_DELAY_MS_MAX, 100 * 2 ** Math.min(seat.attempts, 10));
    this.#options.log.error('worker-died', { worker, ...end, restartInMs: delayMs });
    seat.restart = this.#options.clock.after(delayMs, () => this.#start(worker, seat));
  }

  #finish(): void {
    if (this.#seats.some((seat) => seat.child !== undefined)) return;
    this.#options.ended(this.#status);
  }
}

function neverBegun(cause: unknown): End {
  return { status: null, signal: null, code: errorCode(cause) };
}
