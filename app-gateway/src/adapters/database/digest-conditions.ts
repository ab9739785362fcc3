import { type Kysely, type RawBuilder, sql } from 'kysely';
import { BITS_OF_TEXT, BLOCK_BYTES, DIGEST_PARTS, digestMarks } from '../../ledger/day-digest.ts';
import { arrayText } from './array-text.ts';
import type { Tables } from './tables.ts';

const BIT_NAMES = Array.from({ length: BITS_OF_TEXT }, (_, at) => `bit_${at}`);
const BIT_COLUMNS = sql.raw(BIT_NAMES.join());

/** The newest day grows: whatever is said to be its digest is not heard. */
const IS_NEWEST = sql`(select day from audit_head)`;

/** The block in which `asked` has its marks, by its part: of each day, or of the one that is asked for. */
function blocks(condition: RawBuilder<unknown>): RawBuilder<unknown> {
  const bytes = sql.lit(BLOCK_BYTES);
  // Apart (`offset 0`): a database without statistics would read all digests instead of looking each part up.
  return sql`lateral (select day, substring(bits
      from asked.block % greatest(octet_length(bits) / ${bytes}, 1) * ${bytes} + 1 for ${bytes}) as octets
    from audit_digest where part = asked.part and ${condition} offset 0) g`;
}

/** Whether all marks are there. What is too short to be a digest says nothing. */
const HAS_ALL = sql`case when octet_length(g.octets) < ${sql.lit(BLOCK_BYTES)} then true else ${sql.join(
  BIT_NAMES.map((name) => sql`get_bit(g.octets, asked.${sql.raw(name)}) = 1`),
  sql` and `,
)} end`;

/** Of `audit_day d`: by its digest, one of these texts at least may be in its records. */
export function mayHave(texts: readonly string[]): RawBuilder<unknown> {
  const different = [...new Set(texts)];
  return sql`(d.day >= ${IS_NEWEST} or d.day not in (
    select g.day from unnest(${marksOf(different)}) as asked (part, block, ${BIT_COLUMNS})
      cross join ${blocks(sql`true`)}
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
    cross join ${blocks(sql`day = asked.day`)}
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
