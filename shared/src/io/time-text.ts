const TIME_MS_MAX = 8.64e15;

/** `2026-11-21T08:26:54.123Z`: the same in every rendering, always UTC. */
export function instantText(timeMs: number): string {
  return Math.abs(timeMs) <= TIME_MS_MAX ? new Date(timeMs).toISOString() : 'no date';
}

/** `2026-11-21 08:26`, in UTC: for people. */
export function minuteText(timeMs: number): string {
  return instantText(timeMs).slice(0, 16).replace('T', ' ');
}

/** `2026-11-21`: the day of a time, as days of the ledger are named, in UTC. */
export function dayText(timeMs: number): string {
  return instantText(timeMs).slice(0, 10);
}
