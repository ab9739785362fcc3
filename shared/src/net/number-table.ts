/** What a number table holds: a thing that knows its number. */
export interface Numbered {
  readonly number: number;
}

const SLOTS_MIN = 64;

/**
 * Things by a number that the table itself hands out, for things that come and go by the thousand.
 *
 * Not a Map: one that is written and deleted from all the time replaces its storage again and again, and each old
 * storage points to the next. Once one of them is old enough for V8's old generation, that chain keeps everything that ever
 * stood in it from being collected young, and the collections get long. Here a number says its slot, and storage is
 * replaced only to grow.
 */
export class NumberTable<Entry extends Numbered> {
  #slots: (Entry | undefined)[] = empty(SLOTS_MIN);
  #size = 0;
  #last = 0;
  readonly #numberMax: number;

  /** After the largest number it starts over, and skips those in use. */
  constructor(numberMax: number) {
    this.#numberMax = numberMax;
  }

  get size(): number {
    return this.#size;
  }

  /** A number greater than all before, from 1 on, until the largest was handed out; what it is for may be `add`ed before the next one is asked for. */
  next(): number {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    do this.#last = this.#last === this.#numberMax ? 1 : this.#last + 1;
    while (this.#slots[this.#last & (this.#slots.length - 1)] !== undefined);
    return this.#last;
  }

  /** Takes in what got the last number. */
  add(entry: Entry): void {
    this.#slots[entry.number & (this.#slots.length - 1)] = entry;
    this.#size++;
  }

  get(number: number): Entry | undefined {
    const entry = this.#slots[number & (this.#slots.length - 1)];
    return entry?.number === number ? entry : undefined;
  }

  /** Nothing happens where it is not there. */
  delete(number: number): void {
    if (this.get(number) === undefined) return;
    this.#slots[number & (this.#slots.length - 1)] = undefined;
    this.#size--;
  }

  /** Calls it with each there is; meanwhile nothing may be added. */
  forEach(each: (entry: Entry) => void): void {
    for (const entry of this.#slots) if (entry !== undefined) each(entry);
  }

  /** Numbers that differ in the lower half of a larger mask differ in it: no two can want one slot. */
  #grow(): void {
    const old = this.#slots;
    this.#slots = empty(old.length * 2);
    for (const entry of old) {
      if (entry !== undefined) this.#slots[entry.number & (this.#slots.length - 1)] = entry;
    }
    old.fill(undefined);
  }
}

function empty<Entry>(slots: number): (Entry | undefined)[] {
  return new Array<Entry | undefined>(slots).fill(undefined);
}
