import type { Origin } from '../signalling.ts';
import type { ProxiedRequest } from './proxied-request.ts';

/**
 * Transactions, and the octets of the requests that they keep: of all, or of one proxy's host, or of an inner server over
 * the connections that we made to it, or over one that it made; one object for all that comes from there.
 */
export interface TransactionShare {
  held: number;
  bytes: number;
}

/** Three quarters of all where nobody else has any; and however many flood us, some are left for others. */
const TIMES_FREE = 3;

/** What a gateway holds of transactions, and whether one more may begin. */
export class HeldTransactions {
  readonly #max: TransactionShare;
  readonly #all: TransactionShare = { held: 0, bytes: 0 };

  constructor(max: TransactionShare) {
    this.#max = max;
  }

  /**
   * Whether there is room, and who asks holds no more than three times what is free.
   *
   * Whoever owns a proxy begins as many as he likes, as large as he likes, and answers none: the others must go on.
   */
  mayBegin({ held, bytes }: TransactionShare): boolean {
    const [all, max] = [this.#all, this.#max];
    return isBearable(held, max.held - all.held) && isBearable(bytes, max.bytes - all.bytes);
  }

  begun({ origin, text }: Held): void {
    count(origin.share, 1, text.length);
    count(this.#all, 1, text.length);
  }

  ended({ origin, text }: Held): void {
    count(origin.share, -1, -text.length);
    count(this.#all, -1, -text.length);
  }
}

type Held = Pick<ProxiedRequest, 'text'> & { readonly origin: Pick<Origin, 'share'> };

function isBearable(held: number, free: number): boolean {
  return free > 0 && held <= TIMES_FREE * free;
}

function count(share: TransactionShare, transactions: number, bytes: number): void {
  share.held += transactions;
  share.bytes += bytes;
}
