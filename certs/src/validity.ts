/** When a certificate is good, both ends included (RFC 5280 §4.1.2.5). */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const DAY_MS = 86_400_000;
/** Peers whose clocks run behind must not find a new certificate "not yet valid". */
const CLOCK_SKEW_MS = 3_600_000;

/** Validity for a number of days from now, begun an hour early for slow clocks. */
export function validForDays(nowMs: number, days: number): Validity {
  return { notBeforeMs: nowMs - CLOCK_SKEW_MS, notAfterMs: nowMs + days * DAY_MS };
}

/**
 * Validity of a short-lived certificate: begun an hour early like all others, but never by more than its life.
 *
 * So the time of its renewal, two thirds of the way from the one date to the other, always lies ahead.
 */
export function validForMs(nowMs: number, lifeMs: number): Validity {
  return { notBeforeMs: nowMs - Math.min(CLOCK_SKEW_MS, lifeMs), notAfterMs: nowMs + lifeMs };
}
