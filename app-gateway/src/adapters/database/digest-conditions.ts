import { type Kysely, type RawBuilder, sql } from 'kysely';
import { BITS_OF_TEXT, BLOCK_BYTES, DIGEST_PARTS, digestMarks } from '../../ledger/day-digest.ts';
import { arrayText } from './array-text.ts';
import type { Tables } from './tables.ts';

const BIT_NAMES = Array.from({ length: BITS_OF_TEXT }, (_, at) => `bit_${at}`);
const BIT_COLUMNS = sql.raw(BIT_NAMES.join());

/** The newest day grows: whatever is said to be its digest is not heard. */
const IS_NEWEST = sql`(select day from audit_head)`;

/** Whether `audit_digest g` has all marks of `asked`. What is too short to be a digest says nothing. */
const HAS_ALL = sql`case when octet_length(g.bits) < ${sql.lit(BLOCK_BYTES)} then true else (
    select ${sql.join(
      BIT_NAMES.map((name) => sql`get_bit(octets, asked.${sql.raw(name)}) = 1`),
      sql` and `,
    )}
    from (select substring(g.bits from
      asked.block % (octet_length(g.bits) / ${sql.lit(BLOCK_BYTES)}) * ${sql.lit(BLOCK_BYTES)} + 1
      for ${sql.lit(BLOCK_BYTES)}) as octets offset 0) b
  ) end`;

/**
 * Of `audit_day d`: by its digest, one of these texts at least may be in its records.
 *
 * Looked up text by text (`offset 0`): a database without statistics would read all digests instead.
 */
export function mayHave(texts: readonly string[]): RawBuilder<unknown> {
  const different = [...new Set(texts)];
  return sql`(d.day >= ${IS_NEWEST} or d.day not in (
    select g.day from unnest(${marksOf(different)}) as asked (part, block, ${BIT_COLUMNS})
      cross join lateral (select day, bits from audit_digest where part = asked.part offset 0) g
      where not ${HAS_ALL} group by g.day having count(*) = ${different.length}))`;
}

/** Which of these texts a search does not look for on their days; by their places in the list. */
export async function passedOver(
  db: Kysely<Tables>,
  texts: readonly (readonly [day: string, text: string])[],
): Promise<ReadonlySet<number>> {
  if (texts.length === 0) return new Set();
  const { rows } = await sql<{ readonly n: number }>`select n::integer as n
    from unnest(${arrayText(texts.map(([day]) => day))}::date[],
      ${marksOf(texts.map(([, text]) => text))})
      with ordinality as asked (day, part, block, ${BIT_COLUMNS}, n)
    cross join lateral (
      select bits from audit_digest where part = asked.part and day = asked.day offset 0) g
    where asked.day < ${IS_NEWEST} and not ${HAS_ALL}`.execute(db);
  return new Set(rows.map(({ n }) => n - 1));
}

/** Nothing is known of these days any more: whoever is making a digest of one begins anew. */
export async function forgetDigests(db: Kysely<Tables>, days: readonly string[]): Promise<void> {
  await sql`delete from audit_digest where part in (select generate_series(0, ${DIGEST_PARTS - 1}))
    and day = any(${arrayText(days)}::date[])`.execute(db);
}

function marksOf(texts: readonly string[]): RawBuilder<unknown> {
  const marks = texts.map(digestMarks);
  return sql.join([
    sql`${arrayText(marks.map(({ part }) => part))}::smallint[]`,
    sql`${arrayText(marks.map(({ block }) => block))}::integer[]`,
    ...BIT_NAMES.map(
      (_, at) => sql`${arrayText(marks.map(({ bits }) => bits[at] ?? 0))}::integer[]`,
    ),
  ]);
}
