/** Beyond a proxy's honest needs: each run of a worker, each change of gateway and each lost blob makes one. */
export const JUMPS_MAX = 256;

/**
 * Counts where the numbers that one channel brings do not go on from where they were.
 *
 * The ledger remembers each stream's numbers as ranges, and each stream has a row: whoever owns a proxy must not make
 * either as many as it likes.
 */
export class RunJumps {
  readonly #ends = new Map<string, number>();
  #jumps = 0;

  /** The numbers from `first` up to `end`, exclusive, of a stream; false: there were too many jumps. */
  follow(stream: string, first: number, end: number): boolean {
    if (this.#ends.get(stream) !== first) this.#jumps++;
    if (this.#jumps > JUMPS_MAX) return false;
    this.#ends.set(stream, end);
    return true;
  }
}
