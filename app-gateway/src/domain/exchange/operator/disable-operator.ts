import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, checkReason, eventOf, requireOfficer } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import type { OperatorRecord } from './operator-record.ts';

/** Takes an operator's rights away, for good; never the last officer's, or nobody could add another. */
export function disableOperator(
  operators: readonly OperatorRecord[],
  name: string,
  reason: string,
  actor: Actor,
  nowMs: number,
): Result<Change<OperatorRecord>, ExchangeRefusal> {
  return requireOfficer(actor, () => {
    const record = operators.find((known) => known.name === name);
    if (record === undefined) return refuse('operator-unknown', { operator: name });
    if (record.isDisabled) return refuse('nothing-changes', { subject: `operator/${name}` });
    const given = checkReason(reason);
    if (!given.ok) return given;
    const isOtherOfficer = (known: OperatorRecord) =>
      known.role === 'officer' && !known.isDisabled && known.name !== name;
    if (!operators.some(isOtherOfficer)) return refuse('last-officer', { operator: name });
    const detail = { reason: given.value };
    return ok({
      record: { ...record, isDisabled: true },
      events: [eventOf(actor, nowMs, 'operator-disabled', `operator/${name}`, detail)],
    });
  });
}
