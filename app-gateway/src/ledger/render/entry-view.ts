import { fieldById } from '@sallyport/shared/audit/record-fields.ts';
import { typeById } from '@sallyport/shared/audit/record-types.ts';
import type { LedgerEntry } from '../../ports/ledger-store.ts';
import { decodedText } from './visible-text.ts';

/** A value as JSON has it: octets that are not UTF-8 are no text, so that nothing is lost and nothing is guessed. */
export type ShownValue = string | number | { readonly hex: string } | readonly string[];

/** A record in its place, as every rendering starts from; what came from the wire is in it unchanged. */
export interface EntryView {
  readonly index: number;
  readonly timeMs: number;
  readonly type: string;
  readonly node: string;
  readonly worker: number;
  /** 16 hexadecimal digits. */
  readonly epoch: string;
  readonly seq: number;
  readonly fields: Readonly<Record<string, ShownValue>>;
}

const HEAD_BYTES = 14;
const FIELD_HEAD_BYTES = 3;
const EPOCH_DIGITS = 16;

/**
 * Reads a record for showing. A record that is none is shown too: an auditor has to see what stands there. Whether
 * a record is as it must be is for the verifier to say.
 */
export function entryView({ index, source, seq, record }: LedgerEntry): EntryView {
  const isWhole = record.length >= HEAD_BYTES && record.readUInt16BE(0) === record.length;
  const type = isWhole ? typeById(record.readUInt8(3)) : undefined;
  const fields = type === undefined ? undefined : fieldsIn(record);
  return {
    index,
    timeMs: isWhole ? record.readUIntBE(4, 6) : 0,
    type: fields === undefined || type === undefined ? 'unreadable' : type.name,
    node: source.node,
    worker: source.worker,
    epoch: epochText(source.epoch),
    seq,
    fields: fields ?? { record: { hex: record.toString('hex') } },
  };
}

/** How a run of a program is written. */
export function epochText(epoch: bigint): string {
  return epoch.toString(16).padStart(EPOCH_DIGITS, '0');
}

function fieldsIn(record: Buffer): Record<string, ShownValue> | undefined {
  const fields: Record<string, ShownValue> = {};
  let at = HEAD_BYTES;
  while (at < record.length) {
    const id = record[at] ?? 0;
    const start = at + FIELD_HEAD_BYTES;
    if (start > record.length) return undefined;
    const end = start + record.readUInt16BE(at + 1);
    if (end > record.length) return undefined;
    const rule = fieldById(id);
    const value = shownValue(rule?.kind ?? 'bytes', record.subarray(start, end));
    if (value === undefined) return undefined;
    const name: string = rule?.name ?? `field${id}`;
    fields[name] = /epoch$/i.test(name) ? epochText(BigInt(String(value))) : value;
    at = end;
  }
  return fields;
}

function shownValue(kind: string, value: Buffer): ShownValue | undefined {
  switch (kind) {
    case 'u32':
      return value.length === 4 ? value.readUInt32BE() : undefined;
    case 'u64':
      return value.length === 8 ? shownNumber(value.readBigUInt64BE()) : undefined;
    case 'list':
      return listOf(value);
    case 'bytes':
      return value.toString('hex');
    default:
      return decodedText(value) ?? { hex: value.toString('hex') };
  }
}

function shownNumber(number: bigint): number | string {
  return number <= Number.MAX_SAFE_INTEGER ? Number(number) : String(number);
}

function listOf(value: Buffer): readonly string[] | undefined {
  const list: string[] = [];
  for (let at = 0; at < value.length; ) {
    if (at + 2 > value.length) return undefined;
    const end = at + 2 + value.readUInt16BE(at);
    if (end > value.length) return undefined;
    list.push(value.toString('utf8', at + 2, end));
    at = end;
  }
  return list;
}
