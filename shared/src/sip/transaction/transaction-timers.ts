/** Estimate of a round trip, on which the other timers are built (RFC 3261 §17.1.1.1). */
export const T1_MS = 500;

/** Longest pause between two repetitions of a non-INVITE request (RFC 3261 §17.1.2.1). */
export const T2_MS = 4000;

/**
 * Timers a transaction or a response context asks its driver for.
 *
 * `B` INVITE unanswered; `C` a proxied INVITE rings too long; `F` non-INVITE unfinished; `H` no ACK came;
 * `L` and `M` how long a 2xx may be repeated (RFC 6026 §7.1, §7.2); `trying` the latest moment for a 100 to
 * a non-INVITE; `cancel` no final response after our CANCEL. Absent on purpose: A, E and G, which repeat
 * messages on unreliable transports only, and D, I, J and K, which are zero on reliable ones (RFC 3261 table 4).
 */
export type TimerName = 'B' | 'C' | 'F' | 'H' | 'L' | 'M' | 'cancel' | 'trying';

/**
 * How long each timer runs.
 *
 * C must exceed three minutes (RFC 3261 §16.6 step 11). `trying` is when a client's timer E would reach T2:
 * after pauses of T1, 2*T1 and 4*T1 (RFC 4320 §4.1). `cancel` is the wait of RFC 3261 §9.1.
 */
export const TIMER_MS: Readonly<Record<TimerName, number>> = {
  B: 64 * T1_MS,
  C: 185_000,
  F: 64 * T1_MS,
  H: 64 * T1_MS,
  L: 64 * T1_MS,
  M: 64 * T1_MS,
  cancel: 64 * T1_MS,
  trying: 7 * T1_MS,
};
