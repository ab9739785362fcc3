import type { Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure, LedgerStore, LegalHold } from '../ports/ledger-store.ts';
import { type Orderer, ordererFields } from './orderer.ts';
import type { Note } from './own-stream.ts';

/** Sets and lifts holds, and puts both on record. */
export class HoldDesk {
  readonly #store: Pick<LedgerStore, 'setHold' | 'liftHold'>;
  readonly #note: Note;

  constructor(store: Pick<LedgerStore, 'setHold' | 'liftHold'>, note: Note) {
    this.#store = store;
    this.#note = note;
  }

  /** From now on nobody drops these days. `conflict`: there is, or was, a hold of this name. */
  async set(
    hold: Omit<LegalHold, 'setBy'>,
    by: Orderer,
  ): Promise<Result<undefined, LedgerFailure>> {
    const { name, firstDay, lastDay, reason } = hold;
    const done = await this.#store.setHold({ ...hold, setBy: by.author });
    if (!done.ok) return done;
    const fields = { hold: name, ...ordererFields(by), note: reason, firstDay, lastDay };
    await this.#note('hold-set', fields);
    return done;
  }

  /** `conflict`: no hold of this name is set. */
  async lift(
    name: string,
    by: Orderer,
    reason: string,
    nowMs: number,
  ): Promise<Result<undefined, LedgerFailure>> {
    const done = await this.#store.liftHold(name, by.author, nowMs);
    if (!done.ok) return done;
    await this.#note('hold-lifted', { hold: name, ...ordererFields(by), note: reason });
    return done;
  }
}
