import { BoundedMap } from '@sallyport/shared/net/bounded-map.ts';
import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';

/** Beyond a proxy's honest needs: each run of a worker, each change of gateway and each lost blob makes one. */
export const JUMPS_MAX = 256;
/** So long until as many may come again. */
export const JUMPS_AGAIN_MS = 3_600_000;

const STREAMS_MAX = 1024;

/**
 * Counts where the numbers that one host brings go on beyond where they were.
 *
 * The ledger remembers each stream's numbers as ranges, and each stream has a row: whoever owns a proxy must not make
 * either as many as it likes, and a new channel is no new beginning. What comes again makes neither.
 */
export class RunJumps {
  readonly #ends = new BoundedMap<string, number>(STREAMS_MAX);
  readonly #left: TokenBucket;

  constructor(nowMs: number) {
    this.#left = new TokenBucket((JUMPS_MAX * 1000) / JUMPS_AGAIN_MS, JUMPS_MAX, nowMs);
  }

  /** The numbers from `first` up to `end`, exclusive, of a stream; false: there were too many jumps. */
  follow(stream: string, first: number, end: number, nowMs: number): boolean {
    const known = this.#ends.get(stream);
    if (known === undefined || first > known) {
      if (!this.#left.take(nowMs)) return false;
    }
    this.#ends.set(stream, Math.max(known ?? 0, end));
    return true;
  }
}
