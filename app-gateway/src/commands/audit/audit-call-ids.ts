import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { columnsOf } from '../../ledger/record-columns.ts';
import type { LedgerEntry, LedgerQuery } from '../../ports/ledger-store.ts';
import { readState } from '../change-state.ts';
import type { CommandContext, LedgerAccess } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { answered } from './audit-ledger.ts';

/** What proxies write of messages, with the Call-ID that the partner sees. */
const MESSAGES: readonly number[] = (
  ['message-admitted', 'message-refused', 'message-sent', 'response-received'] as const
).map((name) => AUDIT_TYPE[name]);

type Searched = Pick<LedgerAccess, 'otherCallIds'> & {
  readonly reader: Pick<LedgerAccess['reader'], 'search'>;
};

/**
 * Finds the records of a call, under whichever of its Call-IDs it is asked for: one that began inside is shown to a
 * partner under another, which is the one on record at the proxies, while gateways see that of the inner server.
 */
export async function recordsOfCall(
  { reader, otherCallIds }: Searched,
  callId: string,
  partners: readonly string[],
  query: Omit<LedgerQuery, 'callIds'>,
): Promise<Result<readonly LedgerEntry[], CommandRefusal>> {
  const asked = asRecorded(callId);
  const found = answered(await reader.search({ ...query, callIds: [asked] }));
  if (!found.ok) return found;
  // A partner's own Call-ID has no other; behind one that was shown lies one.
  const messages = found.value.filter(({ record }) => MESSAGES.includes(recordTypeAt(record, 0)));
  const shown =
    messages.length > 0
      ? ok(messages)
      : answered(
          await reader.search({
            callIds: [asked],
            types: MESSAGES,
            order: 'newest-first',
            limit: 1,
          }),
        );
  if (!shown.ok) return shown;
  const others = otherCallIds(callId, shown.value.length > 0 ? [] : partners);
  if (others.length === 0) return found;
  const more = answered(await reader.search({ ...query, callIds: others.map(asRecorded) }));
  if (!more.ok) return more;
  const sign = query.order === 'oldest-first' ? 1 : -1;
  const entries = [...found.value, ...more.value].sort((a, b) => sign * (a.index - b.index));
  return ok(entries.slice(0, query.limit));
}

/** Of all partners that are known at present. */
export async function partnerNames(context: CommandContext): Promise<readonly string[]> {
  const state = await readState(context);
  return state.ok ? state.value.partners.map(({ id }) => id) : [];
}

/** As a record has it, cut where it is longer than a field. */
function asRecorded(callId: string): string {
  const record = encodeRecord({ type: 'message-admitted', timeMs: 0, seq: 0, fields: { callId } });
  return columnsOf(record).callId ?? callId;
}
