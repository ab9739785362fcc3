import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { listenFailure } from '@sallyport/shared/io/listen-failure.ts';
import type { Counters } from '../health/counters.ts';
import type { DownReason } from '../health/health.ts';

export interface RotationOptions {
  /** Why nobody can be served now; undefined: everybody can. */
  readonly obstacle: () => DownReason | undefined;
  /** Lets partners connect; undefined where it was closed meanwhile. */
  readonly open: () => Promise<readonly number[] | undefined>;
  /** Accepts nobody new; who is connected stays. */
  readonly close: () => void;
  readonly log: Logger;
  readonly counters: Counters;
  /** Partners can connect for the first time, on these ports. */
  readonly opened: (ports: readonly number[]) => void;
  /** The first attempt to open failed: this worker is of no use. */
  readonly failed: (cause: unknown) => void;
  /** In rotation from now on, or out of it. */
  readonly turned: (isIn: boolean) => void;
}

/**
 * Whether partners can connect to this worker: as long as it can serve them, and not a moment longer.
 *
 * Balancers that only try whether the port is open learn by that what the health port says in words. Nothing is waited
 * for, not even a gateway that may be back in a second: who connects now is better off elsewhere. Connections that are
 * open are never touched.
 */
export class Rotation {
  readonly #options: RotationOptions;
  #isIn = false;
  #isOpen = false;
  #wasOpen = false;
  /** Rises with each turn: what becomes of an opening counts only where it was the last. */
  #turns = 0;

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  /** Whether partners can connect right now. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** To be called whenever anything may have changed; costs nothing where it has not. */
  look(): void {
    const obstacle = this.#options.obstacle();
    const isIn = obstacle === undefined;
    if (isIn === this.#isIn) return;
    this.#isIn = isIn;
    this.#turns++;
    if (obstacle === undefined) this.#enter();
    else this.#leave(obstacle);
  }

  #enter(): void {
    const { open, opened, log, turned } = this.#options;
    const turns = this.#turns;
    open().then(
      (ports) => {
        if (ports === undefined || turns !== this.#turns) return;
        this.#isOpen = true;
        if (this.#wasOpen) log.info('in-rotation', { ports: ports.join(',') });
        else opened(ports);
        this.#wasOpen = true;
        turned(true);
      },
      (cause: unknown) => {
        if (turns === this.#turns) this.#notOpened(cause);
      },
    );
  }

  #leave(reason: DownReason): void {
    const { close, log, counters, turned } = this.#options;
    this.#isOpen = false;
    close();
    counters.add(`out-of-rotation:${reason}`);
    log.warn('out-of-rotation', { reason });
    turned(false);
  }

  /** Somebody may have taken the port meanwhile: the next look tries again, for the connections that are open are worth it. */
  #notOpened(cause: unknown): void {
    const { close, failed, log } = this.#options;
    if (!this.#wasOpen) return failed(cause);
    this.#isIn = false;
    close();
    log.error('listen-failed', { ...listenFailure(cause) });
  }
}
