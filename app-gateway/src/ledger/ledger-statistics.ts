import { recordSeqAt, recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE, typeById } from '@sallyport/shared/audit/record-types.ts';
import { formatSource } from '@sallyport/shared/audit/source.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';
import type { LedgerDay, LedgerFailure, LegalHold, TimeSpan } from '../ports/ledger-store.ts';

/** How the ledger is. */
export interface LedgerStatistics {
  readonly size: number;
  /** Root of the tree, base64. */
  readonly root: string;
  readonly days: readonly LedgerDay[];
  readonly holds: readonly LegalHold[];
  readonly sources: number;
  /** All records by type, of the hours that were asked for. */
  readonly types: Readonly<Record<string, number>>;
  /** Those hours, where a time was asked for. */
  readonly hours: TimeSpan;
  /** Sources among the newest records whose last ones are not sealed. */
  readonly unsealed: readonly { readonly source: string; readonly records: number }[];
  readonly checkpoint:
    | { readonly size: number; readonly atMs: number; readonly witnesses: readonly string[] }
    | undefined;
  /** The largest checkpoint that a witness signed. */
  readonly witnessedSize: number | undefined;
}

const SAMPLE_MAX = 10_000;
const CHECKPOINTS_MAX = 50;
const HOUR_MS = 3_600_000;

/** Counts without reading the whole ledger: types are counted by the hour, and tails are those of the newest records. */
export async function ledgerStatistics(
  reader: LedgerReader,
  span: TimeSpan,
): Promise<Result<LedgerStatistics, LedgerFailure>> {
  const head = await reader.head();
  if (!head.ok) return head;
  const days = await reader.days();
  if (!days.ok) return days;
  const holds = await reader.holds();
  if (!holds.ok) return holds;
  const streams = await reader.streams();
  if (!streams.ok) return streams;
  const checkpoints = await reader.checkpoints({ limit: CHECKPOINTS_MAX });
  if (!checkpoints.ok) return checkpoints;
  const hours = wholeHours(span);
  const counts = await reader.typeCounts(hours);
  if (!counts.ok) return counts;
  const { size, root } = head.value;
  const entries = await reader.entries(Math.max(0, size - SAMPLE_MAX), size);
  if (!entries.ok) return entries;
  const types: Record<string, number> = {};
  for (const { type, records } of counts.value) {
    types[typeById(type)?.name ?? `type ${type}`] = records;
  }
  const tails = new Map<string, { last: number; sealed: number }>();
  for (const { source, record } of entries.value) {
    const type = recordTypeAt(record, 0);
    const seq = recordSeqAt(record, 0);
    const key = formatSource(source);
    const tail = tails.get(key) ?? { last: -1, sealed: seq - 1 };
    tails.set(key, {
      last: Math.max(tail.last, seq),
      sealed: type === AUDIT_TYPE.seal ? Math.max(tail.sealed, seq) : tail.sealed,
    });
  }
  const unsealed = [...tails]
    .map(([source, { last, sealed }]) => ({ source, records: Math.max(0, last - sealed) }))
    .filter(({ records }) => records > 0);
  const [newest] = checkpoints.value;
  const witnessed = checkpoints.value.find(
    ({ cosignatures }) => Object.keys(cosignatures).length > 0,
  );
  return ok({
    size,
    root: root.toString('base64'),
    days: days.value,
    holds: holds.value,
    sources: streams.value.length,
    types,
    hours,
    unsealed,
    checkpoint: newest && {
      size: newest.size,
      atMs: newest.atMs,
      witnesses: Object.keys(newest.cosignatures),
    },
    witnessedSize: witnessed?.size,
  });
}

/** From the beginning of the first hour to the end of the last. */
function wholeHours({ fromMs, untilMs }: TimeSpan): TimeSpan {
  return {
    ...(fromMs !== undefined && { fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS }),
    ...(untilMs !== undefined && { untilMs: Math.ceil(untilMs / HOUR_MS) * HOUR_MS }),
  };
}
