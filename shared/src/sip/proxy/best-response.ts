/**
 * The better of two final responses to one request, given as statuses in the order they came; 0 stands for none
 * (RFC 3261 §16.7 step 6).
 *
 * A 6xx wins; else the lowest class; within 4xx those that tell the caller how to repeat the request, within 5xx
 * anything rather than a 503, which would speak of this proxy, and rather a response than the 408 of a silence; else
 * the later one. A 2xx to an INVITE is never weighed: each one is forwarded at once (step 5).
 */
export function betterFinal(earlier: number, later: number): number {
  return earlier === 0 || rankOf(later) <= rankOf(earlier) ? later : earlier;
}

const HELPFUL: ReadonlySet<number> = new Set([401, 407, 415, 420, 484]);

function rankOf(status: number): number {
  const statusClass = Math.floor(status / 100);
  if (statusClass === 6) return 0;
  if (HELPFUL.has(status)) return 40;
  if (status === 408) return 42;
  if (status === 503) return 51;
  return statusClass * 10 + (statusClass === 4 ? 1 : 0);
}
