import { type AuditRecord, decodeRecord } from '@sallyport/shared/audit/record.ts';
import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import { recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE, type AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { boundsText } from './drops-on-record.ts';
import { type HoldOnRecord, HoldsOnRecord } from './holds-on-record.ts';

/** A record to be written once more, as it stands but for its time. */
export interface ToldAnew {
  readonly type: AuditTypeName;
  readonly fields: FieldValues;
}

/** What a record says, and of what: the same key for the same thing. */
export interface Said extends ToldAnew {
  readonly key: string;
  /** Of a day. */
  readonly bounds?: string;
  /** Name of a hold that is set or lifted. */
  readonly hold?: string;
}

/** What a record says that may have to be told anew before its own day goes; undefined: nothing of the kind. */
export function saidIn(record: Buffer): Said | undefined {
  return dropOf(record) ?? holdOf(record) ?? liftOf(record);
}

export function isOf(record: Buffer, types: readonly AuditTypeName[]): boolean {
  const number = recordTypeAt(record, 0);
  return types.some((type) => AUDIT_TYPE[type] === number);
}

export function holdKey({
  name,
  firstDay,
  lastDay,
}: Pick<HoldOnRecord, 'name' | 'firstDay' | 'lastDay'>): string {
  return `hold-set ${firstDay} ${lastDay} ${name}`;
}

/** The hold that a record sets; undefined: none. */
export function holdOf(record: Buffer): Said | undefined {
  const decoded = decodedOf(record, ['hold-set']);
  if (decoded === undefined) return undefined;
  const holds = new HoldsOnRecord();
  holds.hear(decoded);
  const [hold] = holds.all;
  const { type, fields } = decoded;
  return hold && { type, fields, key: holdKey(hold), hold: hold.name };
}

/** What a record says of a day that goes or stays; undefined: nothing. */
export function dropOf(record: Buffer): Said | undefined {
  const decoded = decodedOf(record, ['day-dropped', 'day-kept']);
  if (decoded === undefined) return undefined;
  const { type, timeMs, fields } = decoded;
  const { firstIndex = 0n, entries = 0n } = fields;
  const bounds = boundsText({
    firstIndex: Number(firstIndex),
    endIndex: Number(firstIndex + entries),
  });
  const told = type === 'day-dropped' ? { droppedMs: BigInt(timeMs), ...fields } : fields;
  return { type, fields: told, key: `${type} ${bounds}`, bounds };
}

/** The hold that a record lifts, and when it was lifted first. */
function liftOf(record: Buffer): Said | undefined {
  const decoded = decodedOf(record, ['hold-lifted']);
  if (decoded === undefined) return undefined;
  const { type, timeMs } = decoded;
  const fields = { liftedMs: BigInt(timeMs), ...decoded.fields };
  const { hold, liftedMs } = fields;
  return hold === undefined
    ? undefined
    : { type, fields, key: `${type} ${liftedMs} ${hold}`, hold };
}

function decodedOf(record: Buffer, types: readonly AuditTypeName[]): AuditRecord | undefined {
  const decoded = isOf(record, types) ? decodeRecord(record, 0, record.length) : undefined;
  return decoded?.ok === true ? decoded.value : undefined;
}
