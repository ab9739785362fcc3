import { ok, type Result } from '@sallyport/shared/result.ts';
import type { BodyStore } from '../../ports/body-store.ts';
import type { LedgerFailure } from '../../ports/ledger-store.ts';
import type { DayKey } from './seal-body.ts';

/** Seals a day's key with one that is in no database. */
export interface DayKeySeal {
  seal(text: string, label: string): string;
  open(sealed: string, label: string): Result<string, unknown>;
}

export interface DayKeysOptions {
  readonly store: Pick<BodyStore, 'takeDayKey' | 'dayKey'>;
  readonly seal: DayKeySeal;
  /** Secret octets that nobody else gets. */
  readonly random: (bytes: number) => Uint8Array;
}

const KEY_BYTES = 32;

/** The keys of days: one for all gateways, made by whichever needs it first. */
export class DayKeys {
  readonly #options: DayKeysOptions;
  #kept: DayKey | undefined;

  constructor(options: DayKeysOptions) {
    this.#options = options;
  }

  /** The key of a day that is running; undefined: it was erased. It is kept until another is asked for. */
  async take(day: string): Promise<Result<DayKey | undefined, LedgerFailure>> {
    if (this.#kept?.day === day) return ok(this.#kept);
    const { store, seal, random } = this.#options;
    const offered = Buffer.from(random(KEY_BYTES)).toString('base64');
    const sealed = await store.takeDayKey(day, seal.seal(offered, labelOf(day)));
    if (!sealed.ok) return sealed;
    const opened = this.#opened(day, sealed.value);
    if (opened.ok) this.#kept = opened.value;
    return opened;
  }

  /** The key of any day; undefined: it was erased, or there never was one. */
  async find(day: string): Promise<Result<DayKey | undefined, LedgerFailure>> {
    const sealed = await this.#options.store.dayKey(day);
    return sealed.ok ? this.#opened(day, sealed.value) : sealed;
  }

  /** A key that is not of this day is not kept in memory any longer. */
  forgetOthers(day: string): void {
    if (this.#kept?.day !== day) this.#kept = undefined;
  }

  #opened(day: string, sealed: string | undefined): Result<DayKey | undefined, LedgerFailure> {
    if (sealed === undefined) return ok(undefined);
    const text = this.#options.seal.open(sealed, labelOf(day));
    if (text.ok) return ok({ day, key: Buffer.from(text.value, 'base64') });
    const reason = 'the key of the day does not open with this cluster key';
    return { ok: false, error: { code: 'damaged', reason } };
  }
}

function labelOf(day: string): string {
  return `audit day ${day}`;
}
