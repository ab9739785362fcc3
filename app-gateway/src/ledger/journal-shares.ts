/** A host may hold so many times what is free: three quarters of a journal where it is alone, and some room is left however many flood it. */
const TIMES_FREE = 3;

/**
 * How much of a journal each host holds: what it brought and the ledger has not taken yet.
 *
 * The database takes records more slowly than hosts may bring them. Whoever owns one of them must not fill the journal
 * that all of them need, or no proxy of the site would be read any more.
 */
export class JournalShares {
  /** By node: certificates prove them, so there are no more than the site has. */
  readonly #bytes = new Map<string, number>();

  /** Records of that node went to the journal. */
  given(node: string, bytes: number): void {
    this.#bytes.set(node, (this.#bytes.get(node) ?? 0) + bytes);
  }

  /** The ledger has them; what a process before this one had left is not counted. */
  taken(node: string, bytes: number): void {
    const left = (this.#bytes.get(node) ?? 0) - bytes;
    if (left > 0) this.#bytes.set(node, left);
    else this.#bytes.delete(node);
  }

  /** Whether that node must wait before it brings more. */
  isTooMuch(node: string, freeBytes: number): boolean {
    return (this.#bytes.get(node) ?? 0) > TIMES_FREE * freeBytes;
  }
}
