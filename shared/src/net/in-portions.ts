/**
 * Work that comes in heaps: a portion of it at once, and the rest in later turns of the loop, in the order in which it came,
 * so that nobody else waits for all of it.
 */
export class InPortions<Item> {
  readonly #each: (item: Item) => void;
  readonly #portion: number;
  readonly #nextTurn: (then: () => void) => void;
  readonly #waiting: Item[] = [];
  /** Of the portion of this turn. */
  #left: number;

  constructor(each: (item: Item) => void, portion: number, nextTurn: (then: () => void) => void) {
    this.#each = each;
    this.#portion = portion;
    this.#nextTurn = nextTurn;
    this.#left = portion;
  }

  add(items: readonly Item[]): void {
    if (items.length === 0) return;
    const isAwaited = this.#left < this.#portion;
    // Heaps of one item come by tens of thousands: none may copy what waits already.
    for (const item of items) this.#waiting.push(item);
    this.#work();
    if (!isAwaited) this.#nextTurn(() => this.#turn());
  }

  #turn(): void {
    this.#left = this.#portion;
    if (this.#waiting.length === 0) return;
    this.#work();
    this.#nextTurn(() => this.#turn());
  }

  #work(): void {
    const items = this.#waiting.splice(0, this.#left);
    this.#left -= items.length;
    for (const item of items) this.#each(item);
  }
}
