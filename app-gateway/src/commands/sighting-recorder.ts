import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, actorOf, type Change } from '../domain/exchange/actor.ts';
import type { PartnerRecord } from '../domain/exchange/partner/partner-record.ts';
import { notePresented } from '../domain/exchange/sighting/note-presented.ts';
import { noteSeen } from '../domain/exchange/sighting/note-seen.ts';
import type { Sighting } from '../domain/exchange/sighting/sighting.ts';
import type { SightingSink } from '../ports/sighting-sink.ts';
import type { StateStore, StoreFailure } from '../ports/state-store.ts';
import { changeState } from './change-state.ts';
import type { CommandRefusal } from './command-refusal.ts';

/** First sightings that wait for the store; more than this many new keys at once is no roll-over. */
const WAITING_MAX = 1000;

export interface SightingRecorderOptions {
  readonly store: StateStore;
  /** The gateway that saw it: the author of the change. */
  readonly node: string;
  readonly nowMs: () => number;
  readonly failed: (partner: string, code: string) => void;
}

/** Makes of live handshakes what an operator waits for: a staged set becomes `seen`, an offered key of ours too. */
export class SightingRecorder implements SightingSink {
  readonly #options: SightingRecorderOptions;
  readonly #actor: Actor;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: SightingRecorderOptions) {
    this.#options = options;
    this.#actor = actorOf({ kind: 'program', node: options.node }, []);
  }

  recordSightings(sightings: readonly Sighting[]): Promise<Result<undefined, StoreFailure>> {
    return this.#options.store.recordSightings(sightings);
  }

  seen(sighting: Sighting): void {
    if (this.#waiting >= WAITING_MAX) {
      this.#options.failed(sighting.partner, 'sightings-waiting-max');
      return;
    }
    this.#waiting++;
    this.#last = this.#last.then(async () => {
      const noted = await this.#note(sighting);
      this.#waiting--;
      if (!noted.ok) this.#options.failed(sighting.partner, noted.error.code);
    });
  }

  /** Resolves when everything seen so far is written. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #note(sighting: Sighting): Promise<Result<undefined, CommandRefusal>> {
    const { store, nowMs } = this.#options;
    const changed = await changeState({ store, nowMs }, ({ partners }) => {
      const record = partners.find(({ id }) => id === sighting.partner);
      const change = record && this.#changeOf(record, sighting);
      if (change === undefined) return err(NOTHING_NEW);
      return ok({
        change: { partners: [change.record], events: change.events },
        answer: undefined,
      });
    });
    return changed.ok || changed.error === NOTHING_NEW ? ok(undefined) : changed;
  }

  #changeOf(record: PartnerRecord, sighting: Sighting): Change<PartnerRecord> | undefined {
    const nowMs = this.#options.nowMs();
    return (
      noteSeen(record, sighting, this.#actor, nowMs) ??
      notePresented(record, sighting, this.#actor, nowMs)
    );
  }
}

/** Known already, or of a partner that is gone. */
const NOTHING_NEW: CommandRefusal = { code: 'nothing-new', message: '', next: '' };
