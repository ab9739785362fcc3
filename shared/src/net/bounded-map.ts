/** A map of so many entries at most: for a new one, that which came first makes room. */
export class BoundedMap<Key, Value> {
  readonly #values = new Map<Key, Value>();
  readonly #sizeMax: number;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key);
  }

  /** The value of a key, made now where there is none. */
  of(key: Key, make: () => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.set(key, made);
    return made;
  }

  /** A key that is there keeps its place. */
  set(key: Key, value: Value): void {
    if (!this.#values.has(key) && this.#values.size >= this.#sizeMax) {
      const [first] = this.#values.keys();
      this.#values.delete(first as Key);
    }
    this.#values.set(key, value);
  }

  delete(key: Key): void {
    this.#values.delete(key);
  }
}
