/** A channel that was cut for a minute is back within two seconds of its path's return. */
export const RETRY_DELAY_MS_MAX = 1750;

const FIRST_DELAY_MS_MAX = 100;

/**
 * How long to wait before dial number `attempt` (1 = the first after a loss): full jitter under a
 * doubling ceiling, so that a hundred ends cut at once do not come back at once.
 *
 * `random` is uniform in [0, 1). Half of the ceiling is the least wait once the ceiling stands at
 * its cap: a peer that refuses at once is dialled little more than once a second.
 */
export function retryDelayMs(attempt: number, random: number): number {
  const ceilingMs = Math.min(
    RETRY_DELAY_MS_MAX,
    FIRST_DELAY_MS_MAX * 2 ** Math.min(attempt - 1, 16),
  );
  const floorMs = ceilingMs === RETRY_DELAY_MS_MAX ? RETRY_DELAY_MS_MAX / 2 : 0;
  return floorMs + Math.floor(random * (ceilingMs - floorMs));
}
