import { InPortions } from '@sallyport/shared/net/in-portions.ts';
import type { NumberTable } from '@sallyport/shared/net/number-table.ts';
import type { Link } from '../signalling.ts';
import type { ClientTry } from './proxied-request.ts';
import { leaveLink, waitingOn } from './waiting-tries.ts';

/** What is done with a try whose link is gone. */
export interface LostTries {
  /** False where there is no room for it now. */
  readonly sendAgain: (client: ClientTry) => boolean;
  readonly fail: (client: ClientTry) => void;
  /** Calls back in another turn of the loop. */
  readonly nextTurn: (then: () => void) => void;
}

/** So many tries fail in one turn of the loop: some milliseconds of answers, or of requests to the next host. */
export const LOST_AT_ONCE = 200;

/** Tries whose connection is gone: tens of thousands may have waited on one. */
export class LostLinks {
  readonly #tries: NumberTable<ClientTry>;
  readonly #sendAgain: LostTries['sendAgain'];
  readonly #lost: InPortions<ClientTry>;

  constructor(tries: NumberTable<ClientTry>, { sendAgain, fail, nextTurn }: LostTries) {
    this.#tries = tries;
    this.#sendAgain = sendAgain;
    this.#lost = new InPortions(fail, LOST_AT_ONCE, nextTurn);
  }

  /**
   * Every request that no answer has come for fails (RFC 3261 §18.4), but that may be sent again: those go at once, in their
   * order, until one finds no room.
   */
  take(link: Link): void {
    let isRoom = true;
    const lost: ClientTry[] = [];
    for (const number of waitingOn(link)) {
      const client = this.#tries.get(number);
      if (client === undefined) continue;
      const isToSend = isRoom && client.mayBeSentAgain();
      if (isToSend) isRoom = this.#sendAgain(client);
      if (isToSend && isRoom) continue;
      leaveLink(client);
      lost.push(client);
    }
    this.#lost.add(lost);
  }
}
