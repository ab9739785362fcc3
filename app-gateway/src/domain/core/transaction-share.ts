/** Transactions that one proxy's host, or one connection with an inner server, has begun: one object for all that comes from there. */
export interface TransactionShare {
  held: number;
}

/** Three quarters of all where nobody else has any; and however many flood us, some are left for others. */
const TIMES_FREE = 3;

/**
 * Whether one more may begin: there is room, and who asks holds no more than three times what is free.
 *
 * Whoever owns a proxy begins as many as he likes and answers none: the others must go on.
 */
export function mayBegin({ held }: TransactionShare, size: number, sizeMax: number): boolean {
  return size < sizeMax && held <= TIMES_FREE * (sizeMax - size);
}
