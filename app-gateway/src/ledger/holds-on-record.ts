import type { AuditRecord } from '@sallyport/shared/audit/record.ts';

/** A hold, and how long it was on, as the records of it say. */
export interface HoldOnRecord {
  readonly name: string;
  /** Days, ends included. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly setMs: number;
  readonly setBy: string;
  readonly reason: string;
  /** Infinity: it still is. */
  readonly liftedMs: number;
}

type Setting = Omit<HoldOnRecord, 'liftedMs'>;

/** Gateways do many things at once, each by its own clock. */
export const AT_ONCE_MS = 60_000;

/**
 * Legal holds as they are on record, told in any order: two gateways bring their records when they can, so that a hold may
 * be lifted in the ledger before it is set there. Times say what was first.
 */
export class HoldsOnRecord {
  readonly #set: Setting[] = [];
  readonly #lifted: { readonly name: string; readonly timeMs: number }[] = [];

  /** Takes a record of a hold; `hold-lifted` under a seal of its host alone. */
  hear({ type, timeMs, fields }: AuditRecord): void {
    const { hold: name, liftedMs, firstDay = '0001-01-01', lastDay = '9999-12-31' } = fields;
    if (name === undefined) return;
    if (type === 'hold-set') {
      const { author: setBy = '', note: reason = '' } = fields;
      this.#set.push({ name, firstDay, lastDay, setMs: timeMs, setBy, reason });
    } else if (type === 'hold-lifted') {
      this.#lifted.push({ name, timeMs: Number(liftedMs ?? timeMs) });
    }
  }

  get all(): readonly HoldOnRecord[] {
    const named = Map.groupBy(this.#set, ({ name }) => name);
    const ends = new Map<Setting, number>();
    for (const { name, timeMs } of this.#lifted) {
      for (const hold of liftedThen(named.get(name) ?? [], timeMs)) {
        ends.set(hold, Math.min(timeMs, ends.get(hold) ?? Infinity));
      }
    }
    return this.#set.map((hold) => ({ ...hold, liftedMs: ends.get(hold) ?? Infinity }));
  }
}

/** What was set by then. A hold that is set anew under an old name is not lifted by what lifted the old one. */
function liftedThen(sameName: readonly Setting[], timeMs: number): readonly Setting[] {
  const before = sameName.filter(({ setMs }) => setMs <= timeMs);
  if (before.length > 0) return before;
  return sameName.filter(({ setMs }) => setMs <= timeMs + AT_ONCE_MS);
}
