/** Max-Forwards of a request without one (RFC 3261 §16.6 step 3). */
const MAX_FORWARDS_ADDED = 70;

/** Breadth that a request may have at most, and that one without gets (RFC 5393 §5.3.3). */
const MAX_BREADTH = 60;

/** Max-Forwards to send on; undefined where the request may go no further: 483 (RFC 3261 §16.3 step 3, §16.6 step 3). */
export function forwardedMaxForwards(received: number | undefined): number | undefined {
  if (received === undefined) return MAX_FORWARDS_ADDED;
  return received > 0 ? received - 1 : undefined;
}

/**
 * Max-Breadth to send on; undefined where none is left: 440 (RFC 5393 §5.3.3).
 *
 * It limits branches that are open at the same time. We have one at a time, so the whole breadth goes with it.
 */
export function forwardedMaxBreadth(received: number | undefined): number | undefined {
  if (received === undefined) return MAX_BREADTH;
  return received > 0 ? Math.min(received, MAX_BREADTH) : undefined;
}
