import { InPortions } from '@sallyport/shared/net/in-portions.ts';
import type { ProxiedRequest } from './proxied-request.ts';

/** So many are cancelled in one turn of the loop: some milliseconds. */
export const ORPHANS_AT_ONCE = 200;

/**
 * Requests whose senders went with a channel: nobody calls any more, and what rings for them is cancelled. Whoever owns a proxy's
 * host may have made a hundred thousand of them ring.
 */
export class OrphanedCalls {
  readonly #all: () => Iterable<ProxiedRequest>;
  readonly #cancelled: InPortions<ProxiedRequest>;
  #dueMs = Number.POSITIVE_INFINITY;

  /** `all` that live now; `nextTurn` calls back in another turn of the loop. */
  constructor(
    all: () => Iterable<ProxiedRequest>,
    cancel: (request: ProxiedRequest) => void,
    nextTurn: (then: () => void) => void,
  ) {
    this.#all = all;
    const each = (request: ProxiedRequest): void => {
      if (isOrphaned(request)) cancel(request);
    };
    this.#cancelled = new InPortions(each, ORPHANS_AT_ONCE, nextTurn);
  }

  /** Looked for then, or when they were to be looked for already: whose channel comes and goes would have everybody's phones ring on. */
  dueAt(atMs: number): void {
    this.#dueMs = Math.min(this.#dueMs, atMs);
  }

  advance(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#dueMs = Number.POSITIVE_INFINITY;
    const orphaned: ProxiedRequest[] = [];
    for (const request of this.#all()) if (isOrphaned(request)) orphaned.push(request);
    this.#cancelled.add(orphaned);
  }
}

/** What comes again over another connection has another origin by then (RFC 3261 §18.2.2). */
function isOrphaned({ origin, isUnanswered }: ProxiedRequest): boolean {
  return origin.isOrphaned && isUnanswered;
}
