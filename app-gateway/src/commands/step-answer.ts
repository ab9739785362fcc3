import type { Change } from '../domain/exchange/actor.ts';
import type { PartnerRecord } from '../domain/exchange/partner/partner-record.ts';
import { appliedLines } from './applied-text.ts';
import type { Applied } from './command-context.ts';
import type { StepTaken } from './partner/partner-step.ts';
import {
  type PartnerSummary,
  partnerSummary,
  type SetView,
  setView,
} from './partner/partner-view.ts';
import { nextLine } from './text-table.ts';

/** What a step of a partner answers. */
export interface StepAnswer {
  readonly partner: PartnerSummary;
  /** The set that the step was about. */
  readonly set?: SetView;
  /** Absent where the step is of no interest to proxies. */
  readonly applied?: Applied;
}

export function stepAnswer(
  { record, applied }: StepTaken<Change<PartnerRecord>>,
  setId?: string,
): StepAnswer {
  const set = record.trustSets.find(({ id }) => id === setId);
  return {
    partner: partnerSummary(record),
    ...(set !== undefined && { set: setView(set) }),
    ...(applied !== undefined && { applied }),
  };
}

/** What was done, what the proxies said of it, and what comes next. */
export function stepText(done: string, { partner, applied }: StepAnswer): string {
  const lines = [done, ...(applied === undefined ? [] : appliedLines(applied))];
  if (partner.next !== undefined) lines.push(nextLine(partner.next));
  return lines.join('\n');
}
