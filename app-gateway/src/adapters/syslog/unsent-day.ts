import type { LedgerDay } from '../../ports/ledger-store.ts';

/** The oldest day of the ledger of which a destination has not got everything. */
export interface UnsentDay {
  readonly day: string;
  /** Until retention takes its records; whether a legal hold is on it is not asked. */
  readonly daysLeft: number;
}

const DAY_MS = 86_400_000;
/** A week to bring a server back; where little is kept, half of that time. */
const WARNED_DAYS = 7;

/** The first day with records from `confirmed` on; undefined: there are none. */
export function unsentDay(
  days: readonly LedgerDay[],
  confirmed: number,
  retentionDays: number,
  nowMs: number,
): UnsentDay | undefined {
  const first = days.find(
    ({ endIndex, droppedAtMs }) => droppedAtMs === undefined && endIndex > confirmed,
  );
  if (first === undefined) return undefined;
  const takenMs = Date.parse(first.day) + (retentionDays + 1) * DAY_MS;
  return { day: first.day, daysLeft: Math.max(0, Math.floor((takenMs - nowMs) / DAY_MS)) };
}

/** Whether somebody should hear of it. */
export function isEnding({ daysLeft }: UnsentDay, retentionDays: number): boolean {
  return daysLeft <= Math.min(WARNED_DAYS, Math.floor(retentionDays / 2));
}
