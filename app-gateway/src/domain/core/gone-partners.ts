import { InPortions } from '@sallyport/shared/net/in-portions.ts';
import type { ProxiedRequest } from './proxied-request.ts';

/** So many end in one turn of the loop: some milliseconds. */
export const GONE_AT_ONCE = 200;

/** How a request ends, by whose it is. */
export interface GoneEnds {
  /** What a partner began inside. */
  readonly cancelled: (request: ProxiedRequest) => void;
  /** What somebody inside waits for. */
  readonly giveUp: (request: ProxiedRequest) => void;
}

/** Requests of partners that are none any more: tens of thousands may be under way. */
export class GonePartners {
  readonly #all: () => Iterable<ProxiedRequest>;
  readonly #ended: InPortions<ProxiedRequest>;

  /** `all` that live now; `nextTurn` calls back in another turn of the loop. */
  constructor(
    all: () => Iterable<ProxiedRequest>,
    { cancelled, giveUp }: GoneEnds,
    nextTurn: (then: () => void) => void,
  ) {
    this.#all = all;
    const each = (request: ProxiedRequest): void => {
      // It may have been answered before its turn came.
      if (!request.isUnanswered) return;
      if (request.plan.direction === 'inward') cancelled(request);
      else giveUp(request);
    };
    this.#ended = new InPortions(each, GONE_AT_ONCE, nextTurn);
  }

  /** From here on no further try is made of what they wait for, and all of it ends. */
  take(partners: ReadonlySet<string>): void {
    const gone: ProxiedRequest[] = [];
    for (const request of this.#all()) {
      if (!partners.has(request.plan.partner) || !request.isUnanswered) continue;
      request.losePartner();
      gone.push(request);
    }
    this.#ended.add(gone);
  }
}
