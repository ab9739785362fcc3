import { FIELD, fieldById } from '@sallyport/shared/audit/record-fields.ts';
import {
  FIELD_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  valueEndAt,
  valueStartAt,
} from '@sallyport/shared/audit/record-layout.ts';
import { typeById } from '@sallyport/shared/audit/record-types.ts';
import { formatAddressBytes } from '@sallyport/shared/net/address.ts';
import type { LedgerEntry } from '../../ports/ledger-store.ts';
import { decodedText } from './visible-text.ts';

/** A value as JSON has it: octets that are not UTF-8 are no text, so that nothing is lost and nothing is guessed. */
export type ShownValue = string | number | { readonly hex: string } | readonly string[];

/**
 * A record in its place, as every rendering starts from; what came from the wire is in it unchanged.
 *
 * What `message-admitted` leaves out because it says it already is there again: the method, which its CSeq has, and a
 * To that is the Request-URI.
 */
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

/** What names a record, or another thing that is numbered in the same stream. */
export function nameInStream({ node, worker, epoch }: EntryView, number: number): string {
  return `${node}/${worker}/${epoch}/${number}`;
}

const EPOCH_DIGITS = 16;
const U64_BYTES = 8;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

/**
 * Reads a record for showing. A record that is none is shown too: an auditor has to see what stands there. Whether
 * a record is as it must be is for the verifier to say.
 */
export function entryView({ index, source, seq, record }: LedgerEntry): EntryView {
  const isWhole = record.length >= RECORD_HEADER_BYTES && record.readUInt16BE(0) === record.length;
  const type = isWhole ? typeNamed(record.readUInt8(3)) : undefined;
  const said = type === undefined ? undefined : fieldsIn(record);
  const fields = said !== undefined && type === 'message-admitted' ? withImplied(said) : said;
  return {
    index,
    timeMs: isWhole ? record.readUIntBE(4, 6) : 0,
    type: fields === undefined || type === undefined ? 'unreadable' : type,
    node: source.node,
    worker: source.worker,
    epoch: epochText(source.epoch),
    seq,
    fields: fields ?? { record: { hex: record.toString('hex') } },
  };
}

/** Of a type that a later version may have its number stands for the name: `type 200`. */
function typeNamed(type: number): string {
  return typeById(type)?.name ?? `type ${type}`;
}

/** How a run of a program is written. */
export function epochText(epoch: bigint): string {
  return epoch.toString(16).padStart(EPOCH_DIGITS, '0');
}

function fieldsIn(record: Buffer): Record<string, ShownValue> | undefined {
  const fields: Record<string, ShownValue> = {};
  let at = RECORD_HEADER_BYTES;
  while (at < record.length) {
    const id = record[at] ?? 0;
    if (at + FIELD_HEADER_BYTES > record.length) return undefined;
    const start = valueStartAt(record, at);
    const end = valueEndAt(record, at);
    if (!(end <= record.length)) return undefined;
    const rule = fieldById(id);
    const value = shownValue(rule?.kind ?? 'bytes', record.subarray(start, end));
    if (value === undefined) return undefined;
    const name: string = rule?.name ?? `field${id}`;
    fields[name] = /epoch$/i.test(name) ? epochText(BigInt(String(value))) : value;
    at = end;
  }
  return fields;
}

/** In the order of their numbers, as all fields are. */
function withImplied(fields: Record<string, ShownValue>): Record<string, ShownValue> {
  const { method, requestUri, cseq, to } = fields;
  if (requestUri === undefined) return fields;
  const implied: [string, ShownValue][] = [];
  const last = typeof cseq === 'string' ? cseq.split(/\s+/).at(-1) : undefined;
  if (method === undefined && last !== undefined) implied.push(['method', last]);
  if (to === undefined) implied.push(['to', requestUri]);
  if (implied.length === 0) return fields;
  const whole = [...Object.entries(fields), ...implied];
  return Object.fromEntries(whole.toSorted(([one], [other]) => placeOf(one) - placeOf(other)));
}

const PLACES: ReadonlyMap<string, number> = new Map(Object.entries(FIELD));

function placeOf(name: string): number {
  return PLACES.get(name) ?? Number(name.slice('field'.length));
}

function shownValue(kind: string, value: Buffer): ShownValue | undefined {
  switch (kind) {
    case 'u32':
    case 'u64':
      return value.length <= U64_BYTES
        ? shownNumber(BigInt(`0x0${value.toString('hex')}`))
        : undefined;
    case 'address':
      return value.length === IPV4_BYTES || value.length === IPV6_BYTES
        ? formatAddressBytes(value, 0, value.length)
        : undefined;
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
