import { type Kysely, sql } from 'kysely';
import type { Thinned } from '../../ports/ledger-store.ts';
import { arrayText } from './array-text.ts';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;

/** Some hours of several gateways; an hour is never cut. */
const CHECKPOINTS_MAX = 10_000;
const GUARDED = ['audit_checkpoint', 'audit_cosignature'];

interface Row {
  readonly size: number;
  readonly hour: number;
  readonly signatures: number;
}

/** One piece, in a transaction of the caller's: of each hour that is over by `beforeMs` one checkpoint stays. */
export async function thinCheckpoints(db: Db, after: number, beforeMs: number): Promise<Thinned> {
  const first = await sql<{ readonly hour: number }>`select at_ms / 3600000 as hour
    from audit_checkpoint where size > ${after} order by size limit 1`.execute(db);
  const next = first.rows[0]?.hour;
  // Most of the time there is nothing to do.
  if (next === undefined || !isOver(next, beforeMs)) {
    return { removed: 0, upTo: after, isMore: false };
  }
  const { rows } = await sql<Row>`select c.size, c.at_ms / 3600000 as hour,
      (select count(*) from audit_cosignature w where w.size = c.size) as signatures
    from audit_checkpoint c where c.size > ${after} order by c.size limit ${CHECKPOINTS_MAX}`.execute(
    db,
  );
  const isLast = rows.length < CHECKPOINTS_MAX;
  const hours = [...Map.groupBy(rows, ({ hour }) => hour)];
  const whole = isLast || hours.length === 1 ? hours : hours.slice(0, -1);
  const due = whole.filter(([hour]) => isOver(hour, beforeMs));
  const gone = due.flatMap(([, ofHour]) => allButBest(ofHour));
  if (gone.length > 0) await remove(db, gone);
  const upTo = due.at(-1)?.[1].at(-1)?.size ?? after;
  return { removed: gone.length, upTo, isMore: !isLast && due.length === whole.length };
}

const HOUR_MS = 3_600_000;

function isOver(hour: number, byMs: number): boolean {
  return (hour + 1) * HOUR_MS <= byMs;
}

/** What most witnesses stand for is worth most; of these the last. */
function allButBest(rows: readonly Row[]): readonly number[] {
  const most = Math.max(...rows.map(({ signatures }) => signatures));
  const best = rows.findLast(({ signatures }) => signatures === most);
  return rows.filter((row) => row !== best).map(({ size }) => size);
}

/** The triggers guard against mistakes, and this is none. */
async function remove(db: Db, sizes: readonly number[]): Promise<void> {
  for (const table of GUARDED) {
    await sql`alter table ${sql.table(table)} disable trigger user`.execute(db);
  }
  for (const table of GUARDED.toReversed()) {
    await sql`delete from ${sql.table(table)} where size = any(${arrayText(sizes)}::bigint[])`.execute(
      db,
    );
  }
  for (const table of GUARDED) {
    await sql`alter table ${sql.table(table)} enable trigger user`.execute(db);
  }
}
