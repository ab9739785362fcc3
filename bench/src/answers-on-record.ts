import type { LedgerEntry, LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { formatSource } from '@sallyport/shared/audit/source.ts';
import type { SipSums } from './sip-sums.ts';

/** The final answers that a company was given: status by `branch METHOD`. */
export type Finals = ReadonlyMap<string, number>;

interface OnRecord {
  requests: number;
  readonly statuses: number[];
}

const MESSAGES = {
  types: [
    AUDIT_TYPE['message-admitted'],
    AUDIT_TYPE['message-answered'],
    AUDIT_TYPE['message-refused'],
    AUDIT_TYPE['message-sent'],
  ],
  order: 'oldest-first',
  limit: 10_000,
} as const;

/**
 * Holds the answers that partners saw against the ledger: each request that was answered is on record once, and its answer too.
 *
 * An answer may lack its record where its worker was killed in the same moment; that is counted, and no complaint.
 */
export async function holdAgainstRecord(
  ledger: LedgerStore,
  finals: Finals,
  sums: SipSums,
): Promise<void> {
  const onRecord = await messagesIn(ledger, sums);
  for (const [key, status] of finals) {
    const found = onRecord.get(key);
    if (found === undefined) sums.complain(`no record of ${key}, which was answered ${status}`);
    else if (found.requests > 1) sums.complain(`${key} is on record ${found.requests} times`);
    else if (!found.statuses.includes(status)) {
      sums.count(
        `answer without a record: ${key.split(' ')[1]} ${status}; on record: ${found.statuses.join(' ') || 'none'}`,
      );
    } else if (found.statuses.length > 1 && !isRepeatedSuccess(key, found.statuses)) {
      sums.complain(`${key} has the answers ${found.statuses.join(' ')} on record`);
    } else sums.count('answers on record');
  }
}

/** A 2xx to an INVITE is said again until it is acknowledged. */
function isRepeatedSuccess(key: string, statuses: readonly number[]): boolean {
  return key.endsWith(' INVITE') && statuses.every((status) => status >= 200 && status < 300);
}

async function messagesIn(
  ledger: LedgerStore,
  sums: SipSums,
): Promise<ReadonlyMap<string, OnRecord>> {
  const byKey = new Map<string, OnRecord>();
  const byPlace = new Map<string, OnRecord>();
  const answers: [string, number][] = [];
  const elsewhere: [string, number][] = [];
  const seen = new Set<string>();
  for await (const { source, seq, record } of entriesOf(ledger)) {
    const stream = formatSource(source);
    const place = `${stream} ${seq}`;
    if (seen.has(place)) sums.complain(`${place} is in the ledger twice`);
    seen.add(place);
    const decoded = decodeRecord(record, 0, record.length);
    if (!decoded.ok) throw new Error(decoded.error);
    const { type, fields } = decoded.value;
    const { status = 0, requestSeq } = fields;
    if (type === 'message-answered') answers.push([`${stream} ${requestSeq}`, status]);
    else if (type === 'message-sent') elsewhere.push([keyOf(fields), status]);
    else {
      byPlace.set(place, noted(byKey, fields));
      answers.push([place, status]);
    }
  }
  for (const [place, status] of answers.filter(isFinal)) byPlace.get(place)?.statuses.push(status);
  for (const [key, status] of elsewhere.filter(isFinal)) byKey.get(key)?.statuses.push(status);
  return byKey;
}

function isFinal([, status]: readonly [string, number]): boolean {
  return status >= 200;
}

async function* entriesOf(ledger: LedgerStore): AsyncGenerator<LedgerEntry> {
  for (let fromIndex = 0; ; ) {
    const found = await ledger.search({ ...MESSAGES, fromIndex });
    if (!found.ok) throw new Error(JSON.stringify(found.error));
    yield* found.value;
    const last = found.value.at(-1);
    if (last === undefined) return;
    fromIndex = last.index + 1;
  }
}

function noted(byKey: Map<string, OnRecord>, fields: FieldValues): OnRecord {
  const key = keyOf(fields);
  const at = byKey.get(key) ?? { requests: 0, statuses: [] };
  at.requests++;
  byKey.set(key, at);
  return at;
}

function keyOf({ serverTransaction, cseq }: FieldValues): string {
  return `${serverTransaction} ${cseq?.split(' ')[1]}`;
}
