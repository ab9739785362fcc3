import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { FileStateStore } from '../adapters/files/file-state-store.ts';
import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import { DatabaseAgeWatch } from '../commands/database-age-watch.ts';
import { ExpiryWatch } from '../commands/expiry-watch.ts';
import { SightingRecorder } from '../commands/sighting-recorder.ts';
import { DATABASE_AGE_MAX } from '../config/database-schema.ts';
import type { Site } from '../config/site.ts';
import { utcText } from '../domain/exchange/exchange-refusal.ts';
import { heldCertificates } from '../domain/exchange/forecast/forecast-held.ts';
import type { StateStore } from '../ports/state-store.ts';
import { channelAuthorities } from './channel-authorities.ts';

const LOOK_AHEAD_MS = 3_600_000;

export interface StateAttendanceOptions {
  readonly bundle: Pick<GatewayBundle, 'folder' | 'node' | 'channel' | 'channelIssuing'>;
  /** Undefined where partners are kept in files: these are looked at as well. */
  readonly store: StateStore | undefined;
  readonly site: () => Site;
  readonly log: Logger;
}

/** What goes on with the state by itself while a gateway runs: evidence of handshakes, and every hour a look at what ends. */
export class StateAttendance {
  /** None where partners are kept in files. */
  readonly sightings: SightingRecorder | undefined;
  readonly #watch: ExpiryWatch;
  readonly #age: DatabaseAgeWatch | undefined;
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor({ bundle, store, site, log }: StateAttendanceOptions) {
    const nowMs = Date.now;
    const { folder, node } = bundle;
    const authorities = channelAuthorities(bundle);
    this.sightings =
      store &&
      new SightingRecorder({
        store,
        node,
        nowMs,
        failed: (partner, code) => log.warn('sighting-not-recorded', { partner, code }),
      });
    this.#watch = new ExpiryWatch({
      store: store ?? new FileStateStore(folder, node, nowMs),
      node,
      channelCertificateDays: () => site().channel.certificateDays,
      held: () => heldCertificates(site(), authorities),
      nowMs,
      warned: ({ subject, what, severity, whenMs, message }) =>
        log.warn('expiry-warning', { subject, what, severity, when: utcText(whenMs), message }),
      failed: (code) => log.warn('expiry-not-looked-at', { code }),
    });
    this.#age =
      store &&
      new DatabaseAgeWatch({
        store,
        nowMs,
        warned: (age, isLate) =>
          log[isLate ? 'error' : 'warn']('database-age', { age, left: DATABASE_AGE_MAX - age }),
        failed: (code) => log.warn('database-age-unknown', { code }),
      });
  }

  /** For monitors: how many things end soon or have ended, by severity, and how old the database is. */
  gauges(): Readonly<Record<string, number>> {
    const expiring = Object.entries(this.#watch.counts).map(
      ([severity, count]) => [`expiring_${severity.replace('-', '_')}`, count] as const,
    );
    const age = this.#age?.age;
    return { ...Object.fromEntries(expiring), ...(age !== undefined && { database_age: age }) };
  }

  start(): void {
    const look = () => {
      this.#looking = this.#looking.then(() => this.#watch.look()).then(() => this.#age?.look());
    };
    this.#timer = setInterval(look, LOOK_AHEAD_MS);
    look();
  }

  /** Resolves when nothing of it uses the store any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.sightings?.settled();
  }
}
