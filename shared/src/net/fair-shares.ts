/** Three quarters of all where nobody else has any. */
const TIMES_FREE = 3;

/**
 * What there is only so much of, for whoever comes: whoever has more than three times what is free gets no more.
 *
 * So one who takes and never gives back leaves a quarter to others, two of them a seventh, and it takes many to leave nothing.
 */
export class FairShares {
  readonly #max: number;
  /** By whoever has any. */
  readonly #held = new Map<string, number>();
  #all = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes so much for one; false: so much is not free, or he has his share. */
  take(who: string, amount: number): boolean {
    const held = this.#held.get(who) ?? 0;
    const free = this.#max - this.#all;
    if (amount > free || held > TIMES_FREE * free) return false;
    this.#held.set(who, held + amount);
    this.#all += amount;
    return true;
  }

  /** What was taken is free again. */
  giveBack(who: string, amount: number): void {
    const left = (this.#held.get(who) ?? 0) - amount;
    if (left > 0) this.#held.set(who, left);
    else this.#held.delete(who);
    this.#all -= amount;
  }
}
