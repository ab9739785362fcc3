import type { KeyObject } from 'node:crypto';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { formatNote, type Note, signNote } from '@sallyport/shared/audit/note.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure, LedgerHead, LedgerStore } from '../ports/ledger-store.ts';

export interface CheckpointsOptions {
  readonly store: Pick<LedgerStore, 'head' | 'addCheckpoint'>;
  readonly origin: string;
  readonly signingKey: KeyObject;
  readonly clock: Clock;
  /** A new one is signed and kept: the time to ask witnesses. */
  readonly signed: (size: number, note: Note) => Promise<void>;
  /** The database gives no head or takes no checkpoint; it is tried again every two seconds. Once per trouble. */
  readonly failing: (failure: LedgerFailure) => void;
  readonly recovered: () => void;
}

const INTERVAL_MS = 2000;

/** Signs the head of the ledger every two seconds in which it has grown. */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #timer: Timer;
  #signedSize = 0;
  #hasNews = true;
  #isFailing = false;
  #round: Promise<void> | undefined;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#timer = options.clock.every(INTERVAL_MS, () => void this.#tick());
  }

  /** The newest size that was signed here. */
  get signedSize(): number {
    return this.#signedSize;
  }

  /** The ledger has grown through this gateway. */
  grown(): void {
    this.#hasNews = true;
  }

  /** Signs what has come since, once more, and stops. */
  async stop(): Promise<void> {
    this.#timer.stop();
    await this.#round;
    await this.#tick();
  }

  /** One round at a time: witnesses may be slow. */
  #tick(): Promise<void> {
    if (!this.#hasNews) return Promise.resolve();
    this.#round ??= this.#sign().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #sign(): Promise<void> {
    const { signed, failing, recovered } = this.#options;
    this.#hasNews = false;
    const kept = await this.#keep();
    if (!kept.ok) {
      this.#hasNews = true;
      if (!this.#isFailing) failing(kept.error);
      this.#isFailing = true;
      return;
    }
    if (this.#isFailing) recovered();
    this.#isFailing = false;
    if (kept.value !== undefined) await signed(this.#signedSize, kept.value);
  }

  /** The note that is in the database from now on; undefined where there is nothing to sign. */
  async #keep(): Promise<Result<Note | undefined, LedgerFailure>> {
    const { store, clock } = this.#options;
    const head = await store.head();
    if (!head.ok) return head;
    const { size } = head.value;
    // A database that was set back is shorter: that it goes on from there is for witnesses to say, not for silence.
    if (size === 0 || size === this.#signedSize) return ok(undefined);
    const note = this.#noteOf(head.value);
    const kept = await store.addCheckpoint(size, formatNote(note), clock.wallMs());
    if (!kept.ok) return kept;
    this.#signedSize = size;
    return ok(note);
  }

  #noteOf({ size, root }: LedgerHead): Note {
    const { origin, signingKey } = this.#options;
    const text = formatCheckpoint({ origin, size, root, extensions: [] });
    return { text, signatures: [signNote(text, origin, signingKey)] };
  }
}
