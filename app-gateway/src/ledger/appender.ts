import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import type { JournalBatch, LedgerJournal } from '../ports/ledger-journal.ts';
import type { Appended, LedgerFailure, LedgerStore, RecordSpan } from '../ports/ledger-store.ts';

/** What operators, and whoever signs, hear of the way into the ledger. */
export interface AppenderEvents {
  appended(done: Appended, spans: readonly RecordSpan[]): void;
  /** The database takes nothing: records wait in the journal. Once per trouble. */
  failing(failure: LedgerFailure): void;
  recovered(): void;
  /** Another copy of the database answers, or an earlier state of it: it is told again all that the journal keeps. */
  setBack(sizes: { readonly from: number; readonly to: number }): void;
}

export interface AppenderOptions {
  readonly journal: LedgerJournal;
  readonly store: Pick<LedgerStore, 'append'>;
  readonly clock: Clock;
  readonly events: AppenderEvents;
}

/** So long records gather before a transaction, unless there are many. */
const GATHER_MS = 50;
const RETRY_MS = 1000;
/** A batch of so many bytes is worth a transaction of its own; the next one follows at once. */
const FULL_BATCH_BYTES = 524_288;

/** What one step came to. */
type Step = 'nothing' | 'some' | 'full' | 'failed';

/**
 * Moves records from the journal into the ledger, in order, one batch at a time; after a failure the same batch
 * again, for as long as it takes.
 */
export class Appender {
  readonly #options: AppenderOptions;
  #running: Promise<void> | undefined;
  #timer: Timer | undefined;
  #batch: JournalBatch | undefined;
  #hasNews = false;
  #isFailing = false;
  #isStopped = false;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  /** Whether the database takes nothing at the moment. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** There may be something in the journal. */
  wake(): void {
    this.#hasNews = true;
    if (this.#running === undefined && this.#timer === undefined) this.#after(GATHER_MS);
  }

  /** Moves what is there by now, as far as the database takes it, and stops. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.stop();
    await this.#running;
    for (let step = await this.#step(); step === 'some' || step === 'full'; ) {
      step = await this.#step();
    }
  }

  #after(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#hasNews = false;
    let step = await this.#step();
    while (step === 'full' && !this.#isStopped) step = await this.#step();
    this.#running = undefined;
    if (step === 'failed') this.#after(RETRY_MS);
    else if (step === 'some' || this.#hasNews) this.#after(GATHER_MS);
  }

  async #step(): Promise<Step> {
    const { journal, store, clock, events } = this.#options;
    try {
      this.#batch ??= await journal.next();
      const batch = this.#batch;
      if (batch === undefined) return 'nothing';
      const done = await store.append(batch.spans, clock.wallMs());
      if (!done.ok) return this.#failed(done.error);
      this.#batch = undefined;
      await journal.release(batch.end);
      const { setBack } = done.value;
      if (setBack !== undefined) {
        await journal.rewind();
        events.setBack(setBack);
      }
      if (this.#isFailing) events.recovered();
      this.#isFailing = false;
      events.appended(done.value, batch.spans);
      const bytes = batch.spans.reduce((sum, { records }) => sum + records.length, 0);
      return bytes < FULL_BATCH_BYTES ? 'some' : 'full';
    } catch (cause) {
      // The journal's own files cannot be read or removed.
      const reason = cause instanceof Error ? cause.message : 'unknown';
      return this.#failed({ code: 'unavailable', reason });
    }
  }

  #failed(failure: LedgerFailure): 'failed' {
    if (!this.#isFailing) this.#options.events.failing(failure);
    this.#isFailing = true;
    return 'failed';
  }
}
