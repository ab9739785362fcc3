import type { Sighting } from './sighting.ts';

/** For how long a key must be out of use before it is retired. */
export interface UseWindow {
  readonly unusedDays: number;
}

export const UNUSED_DAYS_DEFAULT = 7;

const DAY_MS = 86_400_000;

/** The youngest sighting of a key within the window; undefined when it was not used for so long. */
export function latestUse(
  sightings: readonly Sighting[],
  direction: Sighting['direction'],
  key: string,
  { unusedDays }: UseWindow,
  nowMs: number,
): Sighting | undefined {
  const sinceMs = nowMs - unusedDays * DAY_MS;
  return sightings
    .filter((sighting) => sighting.direction === direction && sighting.key === key)
    .filter(({ lastAtMs }) => lastAtMs > sinceMs)
    .toSorted((a, b) => b.lastAtMs - a.lastAtMs)[0];
}
