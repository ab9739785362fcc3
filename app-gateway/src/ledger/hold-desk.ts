import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure, LedgerStore, LegalHold } from '../ports/ledger-store.ts';
import { type Orderer, ordererFields } from './orderer.ts';
import type { Note } from './own-stream.ts';

type HoldStore = Pick<LedgerStore, 'holds' | 'setHold' | 'liftHold'>;

/** `held-not-on-record`: the days are kept, and no record says so. */
export type HoldFault = LedgerFailure | 'not-on-record' | 'held-not-on-record';

/**
 * Sets and lifts holds, and puts both on record: in the order in which a kill in between leaves days kept of which no record
 * says so, and never days dropped of which a record says that they are kept.
 */
export class HoldDesk {
  readonly #store: HoldStore;
  readonly #note: Note;

  constructor(store: HoldStore, note: Note) {
    this.#store = store;
    this.#note = note;
  }

  /** From now on nobody drops these days. `conflict`: there is, or was, a hold of this name. */
  async set(hold: Omit<LegalHold, 'setBy'>, by: Orderer): Promise<Result<undefined, HoldFault>> {
    const { name, firstDay, lastDay, reason } = hold;
    const done = await this.#store.setHold({ ...hold, setBy: by.author });
    if (!done.ok) return done;
    const fields = { hold: name, ...ordererFields(by), note: reason, firstDay, lastDay };
    return (await this.#note('hold-set', fields)) ? ok(undefined) : err('held-not-on-record');
  }

  /** It is on record before it is done. `conflict`: no hold of this name is set. */
  async lift(
    name: string,
    by: Orderer,
    reason: string,
    nowMs: number,
  ): Promise<Result<undefined, HoldFault>> {
    const holds = await this.#store.holds();
    if (!holds.ok) return holds;
    const isSet = holds.value.some((hold) => hold.name === name && hold.liftedAtMs === undefined);
    if (!isSet) return err({ code: 'conflict' });
    const fields = { hold: name, ...ordererFields(by), note: reason };
    if (!(await this.#note('hold-lifted', fields))) return err('not-on-record');
    return this.#store.liftHold(name, by.author, nowMs);
  }
}
