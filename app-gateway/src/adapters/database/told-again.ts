import { type Kysely, sql } from 'kysely';
import { arrayText } from './array-text.ts';
import type { Tables } from './tables.ts';

/** A record that a gateway brings, and the database says that it has its number. */
export interface ToldAgain {
  readonly stream: number;
  readonly seq: number;
  readonly timeMs: number;
  readonly record: Buffer;
}

/**
 * What of these is not there all the same, nor of a time of which a day was dropped. Whoever owns the database can
 * write down that it has what is still to come, and whoever owns a proxy give a number to a second record: neither is left
 * out without a word.
 *
 * `pieces` have neighbouring numbers of one run each. Where both ends of one are there, the rest is not asked for.
 */
export async function absentOf(
  db: Kysely<Tables>,
  pieces: readonly (readonly ToldAgain[])[],
): Promise<readonly ToldAgain[]> {
  const ends = pieces.flatMap((piece) => [piece[0] ?? [], piece.at(-1) ?? []].flat());
  const doubted = new Set(await absentAmong(db, ends));
  if (doubted.size === 0) return [];
  const all = pieces.filter((piece) => piece.some((record) => doubted.has(record))).flat();
  return await absentAmong(db, all);
}

/** Each by itself, by the index of times: what PostgreSQL makes of EXISTS here reads all records that there are. */
async function absentAmong(
  db: Kysely<Tables>,
  told: readonly ToldAgain[],
): Promise<readonly ToldAgain[]> {
  if (told.length === 0) return [];
  const { rows } = await sql<{ readonly place: number }>`
    select t.place
    from unnest(
      ${arrayText(told.map(({ stream }) => stream))}::integer[],
      ${arrayText(told.map(({ seq }) => seq))}::bigint[],
      ${arrayText(told.map(({ timeMs }) => timeMs))}::bigint[]
    ) with ordinality as t (stream, seq, time_ms, place)
    where (
      select true from audit_day d
      where t.time_ms between d.first_ms and d.last_ms
        and (d.dropped_at_ms is not null or (
          select true from audit_entry e
          where e.day = d.day and e.time_ms = t.time_ms and e.stream = t.stream and e.seq = t.seq
          limit 1))
      limit 1
    ) is null`.execute(db);
  return rows.flatMap(({ place }) => told[place - 1] ?? []);
}
