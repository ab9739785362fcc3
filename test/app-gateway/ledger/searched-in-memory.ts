import { columnsOf } from '@sallyport/app-gateway/ledger/record-columns.ts';
import type { LedgerDay, LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import type {
  HourCount,
  NotedDay,
  SearchedRow,
  SearchedTables,
} from '@sallyport/app-gateway/ports/searched-tables.ts';
import { ok } from '@sallyport/shared/result.ts';

const HOUR_MS = 3_600_000;

/** What a search would read of a ledger in memory; rows are as its owner wants them. */
export class SearchedInMemory implements SearchedTables {
  readonly #list: readonly LedgerEntry[];
  readonly #dropped: readonly LedgerDay[];
  /** What the owner of the tables makes of a row. */
  tampered: (row: SearchedRow) => readonly SearchedRow[] = (row) => [row];

  constructor(list: readonly LedgerEntry[], dropped: readonly LedgerDay[]) {
    this.#list = list;
    this.#dropped = dropped;
  }

  standing() {
    const days = this.#days();
    const last = days.at(-1);
    return Promise.resolve(
      ok({
        size: last?.endIndex ?? 0,
        days,
        last: last && this.#noted(last),
        strayRows: [],
        strayCounts: [],
      }),
    );
  }

  rows(from: number, to: number) {
    const rows = this.#live()
      .filter(({ index }) => index >= from && index < to)
      .flatMap((entry) => this.tampered(rowOf(entry)));
    return Promise.resolve(
      ok({ rows, days: this.#days(), passedOver: new Set<number>(), isCut: false }),
    );
  }

  noted(name: string) {
    const day = this.#days().find((one) => one.day === name && one.droppedAtMs === undefined);
    return Promise.resolve(ok(day && this.#noted(day)));
  }

  #live(): readonly LedgerEntry[] {
    return this.#list.filter(
      ({ index }) =>
        !this.#dropped.some(({ firstIndex, endIndex }) => firstIndex <= index && index < endIndex),
    );
  }

  #days(): readonly LedgerDay[] {
    const byDay = Map.groupBy(this.#live(), ({ day }) => day);
    const live = [...byDay].map(([day, entries]) => {
      const times = entries.map(({ record }) => columnsOf(record).timeMs);
      return {
        day,
        firstIndex: entries[0]?.index ?? 0,
        endIndex: (entries.at(-1)?.index ?? 0) + 1,
        firstMs: Math.min(...times),
        lastMs: Math.max(...times),
        recordBytes: entries.reduce((sum, { record }) => sum + record.length, 0),
      };
    });
    return [...this.#dropped, ...live].toSorted((a, b) => a.firstIndex - b.firstIndex);
  }

  #noted(day: LedgerDay): NotedDay {
    const counts = new Map<string, HourCount>();
    for (const { record } of this.#live().filter((entry) => entry.day === day.day)) {
      const { timeMs, type } = columnsOf(record);
      const hour = Math.floor(timeMs / HOUR_MS);
      const [, , records] = counts.get(`${hour}/${type}`) ?? [hour, type, 0];
      counts.set(`${hour}/${type}`, [hour, type, records + 1]);
    }
    return { day, strayRows: [], counts: [...counts.values()] };
  }
}

function rowOf({ index, day, seq, record }: LedgerEntry): SearchedRow {
  const none = {
    ...{ requestSeq: null, status: null, partner: null, callId: null },
    ...{ fromUser: null, toUser: null, address: null, verdict: null },
  };
  return { ...none, ...columnsOf(record), index, day, seq, record };
}
