import { type AuditRecord, decodeRecord } from '@sallyport/shared/audit/record.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { BodyStore } from '../../ports/body-store.ts';
import type { LedgerReader } from '../../ports/ledger-reader.ts';
import type { LedgerEntry, LedgerFailure } from '../../ports/ledger-store.ts';
import { type Orderer, ordererFields } from '../orderer.ts';
import type { Note } from '../own-stream.ts';
import {
  type Compared,
  type Comparison,
  type ComparisonFault,
  compareBody,
} from './body-comparison.ts';
import { bodyRevealed, type Reveal, type RevealFault } from './body-records.ts';
import type { DayKeys } from './day-keys.ts';
import { bodyKeyOf } from './seal-body.ts';

/** Why a day's key stays. */
export type EraseFault = 'day-not-over' | 'day-held' | 'day-key-none' | 'not-on-record';

/** Why a body is not given out or compared, beside what its record says. */
export type DeskFault =
  | RevealFault
  | ComparisonFault
  | 'body-gone'
  | 'body-erased'
  | 'not-on-record';

/** A body on its way to an auditor: nobody else can read it. */
export interface GivenBody {
  readonly entry: LedgerEntry;
  readonly sealed: Buffer;
  /** What of the day's key this one body needs. */
  readonly bodyKey: Buffer;
}

/** A text that was held against what is on record of a body. */
export interface ComparedBody {
  readonly entry: LedgerEntry;
  readonly reading: Compared['reading'];
}

/** What the desk needs. */
export interface BodyDeskParts {
  readonly store: BodyStore;
  readonly keys: Pick<DayKeys, 'find'>;
  /** Behind which proxies hash bodies. */
  readonly bodyHashSalt: Buffer;
  readonly note: Note;
}

/** Gives recorded bodies out, compares texts with them and takes keys of days away; each is on record before it is done. */
export class BodyDesk {
  readonly #store: BodyStore;
  readonly #keys: Pick<DayKeys, 'find'>;
  readonly #bodyHashSalt: Buffer;
  readonly #note: Note;

  constructor({ store, keys, bodyHashSalt, note }: BodyDeskParts) {
    this.#store = store;
    this.#keys = keys;
    this.#bodyHashSalt = bodyHashSalt;
    this.#note = note;
  }

  /** Only of days that are over: the key of today is in use. */
  async erase(
    day: string,
    by: Orderer,
    reason: string,
    nowMs: number,
  ): Promise<Result<undefined, EraseFault | LedgerFailure>> {
    if (day >= dayText(nowMs)) return err('day-not-over');
    const now = await this.#store.erasable(day);
    if (!now.ok) return now;
    if (now.value !== 'erased') return err(now.value === 'held' ? 'day-held' : 'day-key-none');
    if (!(await this.#note('day-key-erased', { day, ...ordererFields(by), note: reason }))) {
      return err('not-on-record');
    }
    const done = await this.#store.eraseDayKey(day, nowMs);
    if (!done.ok) return done;
    if (done.value === 'erased') return ok(undefined);
    return err(done.value === 'held' ? 'day-held' : 'day-key-none');
  }

  /** The reading is on the disk before this resolves with the body. */
  async reveal(
    reader: Pick<LedgerReader, 'entries'>,
    wish: Reveal,
  ): Promise<Result<GivenBody, DeskFault | LedgerFailure>> {
    const found = await recordAt(reader, wish.recordIndex);
    if (!found.ok) return found;
    if (found.value === undefined) return err('reveal-no-body');
    const { entry, record } = found.value;
    const { sealedBodyHash, day } = record.fields;
    if (sealedBodyHash === undefined || day === undefined) return err('reveal-no-body');
    const sealed = await this.#store.body(sealedBodyHash);
    if (!sealed.ok) return sealed;
    if (sealed.value === undefined) return err('body-gone');
    const key = await this.#keys.find(day);
    if (!key.ok) return key;
    const bodyKey = key.value && bodyKeyOf(sealed.value, key.value);
    if (bodyKey === undefined) return err('body-erased');
    const fields = bodyRevealed(wish, record, sealed.value);
    if (!fields.ok) return fields;
    if (!(await this.#note('body-revealed', fields.value))) return err('not-on-record');
    return ok({ entry, sealed: sealed.value, bodyKey });
  }

  /** What was asked, and what came of it, is on the disk before this resolves. */
  async compare(
    reader: Pick<LedgerReader, 'entries'>,
    wish: Comparison,
  ): Promise<Result<ComparedBody, DeskFault | LedgerFailure>> {
    const found = await recordAt(reader, wish.recordIndex);
    if (!found.ok) return found;
    if (found.value === undefined) return err('match-no-hash');
    const { entry, record } = found.value;
    const compared = compareBody(wish, record, this.#bodyHashSalt);
    if (!compared.ok) return compared;
    const { reading, fields } = compared.value;
    if (!(await this.#note('body-compared', fields))) return err('not-on-record');
    return ok({ entry, reading });
  }
}

interface FoundRecord {
  readonly entry: LedgerEntry;
  readonly record: AuditRecord;
}

/** Undefined where there is none, or none that can be read. */
async function recordAt(
  reader: Pick<LedgerReader, 'entries'>,
  index: number,
): Promise<Result<FoundRecord | undefined, LedgerFailure>> {
  const entries = await reader.entries(index, index + 1);
  if (!entries.ok) return entries;
  const [entry] = entries.value;
  const record = entry && decodeRecord(entry.record, 0, entry.record.length);
  return ok(
    entry !== undefined && record?.ok === true ? { entry, record: record.value } : undefined,
  );
}
