import type { Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure, LedgerStore, LegalHold } from '../ports/ledger-store.ts';
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
  async set(hold: LegalHold): Promise<Result<undefined, LedgerFailure>> {
    const { name, firstDay, lastDay, reason, setBy } = hold;
    const done = await this.#store.setHold(hold);
    if (!done.ok) return done;
    await this.#note('hold-set', { hold: name, author: setBy, note: reason, firstDay, lastDay });
    return done;
  }

  /** `conflict`: no hold of this name is set. */
  async lift(
    name: string,
    liftedBy: string,
    reason: string,
    nowMs: number,
  ): Promise<Result<undefined, LedgerFailure>> {
    const done = await this.#store.liftHold(name, liftedBy, nowMs);
    if (!done.ok) return done;
    await this.#note('hold-lifted', { hold: name, author: liftedBy, note: reason });
    return done;
  }
}
