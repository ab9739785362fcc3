import { InPortions } from '@sallyport/shared/net/in-portions.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import type { Flow } from '../flows/flow.ts';
import type { PendingRequest, PendingTable } from '../flows/pending.ts';

export interface OrphansOptions {
  /** Of the heads that were kept. */
  readonly limits: MessageLimits;
  /** Calls back in another turn of the loop. */
  readonly nextTurn: (then: () => void) => void;
  /** It waits for nothing any more. */
  readonly settle: (request: PendingRequest<Flow>) => void;
  /** Answers it; its head, which was kept, is valid during the call. */
  readonly answer: (request: PendingRequest<Flow>, head: MessageIndex) => void;
}

/** So many are answered in one turn of the loop: a few milliseconds. */
export const ORPHANS_AT_ONCE = 200;

/** Requests whose gateway is gone: tens of thousands may have waited for one. */
export class Orphans {
  readonly #portions: InPortions<PendingRequest<Flow>>;
  readonly #options: OrphansOptions;
  /** Apart from the one that reads connections, which may be in use. */
  #head: MessageIndex;

  constructor(options: OrphansOptions) {
    this.#options = options;
    this.#head = new MessageIndex(options.limits);
    const each = (request: PendingRequest<Flow>) => this.#each(request);
    this.#portions = new InPortions(each, ORPHANS_AT_ONCE, options.nextTurn);
  }

  /** Heads that were let in under these limits can be read again. */
  useLimits(limits: MessageLimits): void {
    this.#head = new MessageIndex(limits);
  }

  /** All that waits at a gateway which is given nothing any more: what it kept of them stays as it is. */
  take(pending: PendingTable<Flow>): void {
    const orphans: PendingRequest<Flow>[] = [];
    pending.takeAll((request) => orphans.push(request));
    this.#portions.add(orphans);
  }

  #each(request: PendingRequest<Flow>): void {
    this.#options.settle(request);
    // Its connection may have ended while it waited here.
    if (request.owner.isClosed) return;
    const { slab, start } = request.slot;
    // The body is not kept: the scan finds the whole head and asks for more.
    this.#head.scan(slab, start, start + request.headBytes);
    this.#options.answer(request, this.#head);
  }
}
