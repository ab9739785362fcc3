import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { ExpiryWatch } from '../commands/expiry-watch.ts';
import { SightingRecorder } from '../commands/sighting-recorder.ts';
import { utcText } from '../domain/exchange/exchange-refusal.ts';
import type { StateStore } from '../ports/state-store.ts';

const LOOK_AHEAD_MS = 3_600_000;

/** What goes on with the state by itself while a gateway runs: evidence of handshakes, and a look ahead every hour. */
export class StateAttendance {
  readonly sightings: SightingRecorder;
  readonly #watch: ExpiryWatch;
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: StateStore, node: string, channelCertificateDays: () => number, log: Logger) {
    const nowMs = Date.now;
    this.sightings = new SightingRecorder({
      store,
      node,
      nowMs,
      failed: (partner, code) => log.warn('sighting-not-recorded', { partner, code }),
    });
    this.#watch = new ExpiryWatch({
      store,
      node,
      channelCertificateDays,
      nowMs,
      warned: ({ subject, what, severity, whenMs, message }) =>
        log.warn('expiry-warning', { subject, what, severity, when: utcText(whenMs), message }),
      failed: (code) => log.warn('expiry-not-looked-at', { code }),
    });
  }

  /** By severity, for monitors: how many things end soon or have ended. */
  gauges(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      Object.entries(this.#watch.counts).map(([severity, count]) => [
        `expiring_${severity.replace('-', '_')}`,
        count,
      ]),
    );
  }

  start(): void {
    const look = () => {
      this.#looking = this.#looking.then(() => this.#watch.look());
    };
    this.#timer = setInterval(look, LOOK_AHEAD_MS);
    look();
  }

  /** Resolves when nothing of it uses the store any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.sightings.settled();
  }
}
