import { ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { EXPORT_FORMATS } from '../../ledger/export-format.ts';
import { type ExportPlace, exportPage } from '../../ledger/export-pages.ts';
import { indexRange, indexRangeOfDays } from '../../ledger/index-range.ts';
import { provableCheckpoint } from '../../ledger/provable-checkpoint.ts';
import type { CommandDefinition } from '../command.ts';
import type { LedgerAccess } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { instantMs, isSpan, SPAN_WRONG, time } from '../parameter-schema.ts';
import { counted } from '../text-table.ts';
import { AUDIT_EXPORT } from './audit-descriptions.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

const place = z.int().min(0);
const at = z.int().min(-1);

const schema = z
  .strictObject({
    format: z.enum(EXPORT_FORMATS),
    from: time.optional(),
    to: time.optional(),
    known: place.optional(),
    out: z.literal(true),
    /** Where to go on: the command line gives back what it was given. */
    place: z.strictObject({ from: place, to: place, size: place, at, records: place }).optional(),
  })
  .refine(isSpan, SPAN_WRONG);

type Parameters = z.infer<typeof schema>;

interface Exported {
  /** Base64. */
  readonly bytes: string;
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly records: number;
  readonly place?: ExportPlace;
}

/** Writes records into a file, for other programs or for the verifier. */
export const auditExport: CommandDefinition<Parameters, Exported> = {
  ...AUDIT_EXPORT,
  schema,
  async run(context, parameters) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const range = await rangeOf(ledger.value, parameters);
    if (!range.ok) return range;
    const { reader, keys } = ledger.value;
    const { format, known } = parameters;
    const at = { ...range.value, ...(known !== undefined && { known }) };
    const page = answered(await exportPage(reader, keys, format, at));
    if (!page.ok) return page;
    const { bytes, next, records } = page.value;
    const { from, to, size } = range.value;
    return ok({
      bytes: bytes.toString('base64'),
      from,
      to,
      size,
      records,
      ...(next !== undefined && { place: next }),
    });
  },
  text: ({ from, to, size, records }) =>
    from === to
      ? `no record is of that time, tree of ${size}`
      : `${counted(records, 'record')} of index ${from} to ${to - 1}, tree of ${size}`,
  pages: {
    next: (parameters, { place: next }) =>
      next === undefined ? undefined : { parameters: { ...parameters, place: next }, afterMs: 0 },
    joined: (_, later) => later,
    progress: ({ place: next }) =>
      next && { done: Math.max(0, next.at - next.from), total: next.to - next.from },
    piece: (answer) => ({
      bytes: Buffer.from(answer.bytes, 'base64'),
      rest: { ...answer, bytes: '' },
    }),
  },
};

async function rangeOf(
  { reader }: LedgerAccess,
  { format, from, to, place: given }: Parameters,
): Promise<Result<ExportPlace, CommandRefusal>> {
  if (given !== undefined) return ok(given);
  const newest = answered(await provableCheckpoint(reader));
  if (!newest.ok) return newest;
  const head = answered(await reader.head());
  if (!head.ok) return head;
  const signedSize = newest.value?.size;
  // Only what is signed can be proved; the other formats take what there is.
  const size = format === 'pack' ? signedSize : head.value.size;
  if (size === undefined) return { ok: false, error: NOTHING_SIGNED };
  const rangeOfTime = format === 'pack' ? indexRangeOfDays : indexRange;
  const range = answered(
    await rangeOfTime(reader, {
      size,
      ...(from !== undefined && { fromMs: instantMs(from) }),
      ...(to !== undefined && { untilMs: instantMs(to) }),
    }),
  );
  if (!range.ok) return range;
  return ok({ ...range.value, size, at: START, records: 0 });
}

/** Nothing has been written: the first page begins with what stands before the records. */
const START = -1;

const NOTHING_SIGNED: CommandRefusal = {
  code: 'record-not-signed',
  message: 'no checkpoint is signed yet',
  next: 'checkpoints are signed every few seconds; see sallyport audit stats',
};
