import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '@sallyport/shared/io/clock.ts';

/** Where a worker's word for its launcher goes: a pipe behind that of its heartbeat. */
export const FITNESS_FD = 4;

/** One byte a word: the reader looks at the last one alone, and nothing can be sent that takes more. */
const FIT = 0x2b;
const UNFIT = 0x2d;

/** The launcher repeats its word so often, and so often a worker looks whether it did. */
const LOOK_MS = 5000;
/** Looks, and not time: a machine that was put to sleep wakes with all its processes. */
const QUIET_LOOKS_MAX = 4;

/**
 * The launcher's half: which workers can serve partners, and every worker told whether any can.
 *
 * The workers share the health port, so that each answers for the host; a balancer must not turn away from it because it
 * happened to ask the one that cannot.
 */
export class HostFitness {
  readonly #children = new Map<number, ChildProcess>();
  readonly #fit = new Set<number>();

  /** Listens to a worker that was just started, until it ends; one that could not be has no pipes. */
  join(worker: number, child: ChildProcess): void {
    this.#children.set(worker, child);
    child.stdin?.on('error', () => undefined);
    child.stdio?.[FITNESS_FD]
      ?.on('error', () => undefined)
      .on('data', (bytes: Buffer) => {
        if (this.#children.get(worker) === child) this.#told(worker, bytes.at(-1) === FIT);
      });
    child.once('exit', () => {
      if (this.#children.get(worker) !== child) return;
      this.#children.delete(worker);
      this.#told(worker, false);
    });
    // It may have come after all others had spoken.
    tell(child.stdin, this.#fit.size > 0);
  }

  /** Tells every worker again and again: who hears nothing knows that the launcher hangs. */
  repeat(clock: Pick<Clock, 'every'>): void {
    clock.every(LOOK_MS, () => {
      for (const { stdin } of this.#children.values()) tell(stdin, this.#fit.size > 0);
    });
  }

  #told(worker: number, isFit: boolean): void {
    const wasAnyone = this.#fit.size > 0;
    if (isFit) this.#fit.add(worker);
    else this.#fit.delete(worker);
    const isAnyone = this.#fit.size > 0;
    if (isAnyone === wasAnyone) return;
    for (const { stdin } of this.#children.values()) tell(stdin, isAnyone);
  }
}

/** A worker's half. */
export class LauncherLine {
  readonly #out: Writable | undefined;
  #isAnyoneFit = false;
  /** Looks since the last word; undefined until the first one, for whoever started this may be no launcher. */
  #quietLooks: number | undefined;

  /** `from` is what the launcher writes to, `out` what it reads; none where there is no launcher. */
  constructor(from: Readable, out: Writable | undefined) {
    this.#out = out?.on('error', () => undefined);
    from.on('data', (bytes: Buffer) => {
      this.#isAnyoneFit = bytes.at(-1) === FIT;
      this.#quietLooks = 0;
    });
    // It is gone: the worker's parent is somebody else by now, and is not to be ended for it.
    for (const end of ['end', 'close']) from.once(end, () => (this.#quietLooks = undefined));
  }

  /**
   * Tells once when the launcher has said nothing for some twenty seconds: it hangs, and nobody starts workers or hands
   * signals on. It cannot tell systemd that it lives: it has neither a socket nor, in its sandbox, a program that has.
   */
  watch(clock: Pick<Clock, 'every'>, silent: () => void): void {
    clock.every(LOOK_MS, () => {
      if (this.#quietLooks === undefined) return;
      this.#quietLooks += 1;
      if (this.#quietLooks <= QUIET_LOOKS_MAX) return;
      this.#quietLooks = undefined;
      silent();
    });
  }

  /** Whether some worker of this host can serve partners, as far as the launcher knows. */
  get isAnyoneFit(): boolean {
    return this.#isAnyoneFit;
  }

  tell(isFit: boolean): void {
    tell(this.#out, isFit);
  }
}

/** The pipe that the launcher has made; only for a worker that it has started. */
export function fitnessPipe(): Writable {
  return new Socket({ fd: FITNESS_FD, readable: false, writable: true }).unref();
}

function tell(to: Writable | null | undefined, isFit: boolean): void {
  if (to?.writable === true) to.write(Buffer.of(isFit ? FIT : UNFIT));
}
