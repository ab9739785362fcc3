interface Kept<Value> {
  readonly value: Value;
  readonly owner: string;
  readonly places: number;
}

/** What one owner has: its keys, the one unused for longest first. */
interface Holding {
  readonly keys: Set<string>;
  places: number;
}

/** Of all places: it takes four to leave nothing to others. */
const SHARE_OF_OWNER = 4;

/**
 * What is dear to find again, for many owners, in so many places: what was unused for longest makes room for what is new.
 *
 * An owner who could make as much as it likes has a quarter of all, and from then on pushes out its own alone. What takes more
 * than that by itself is not kept.
 */
export class FairCache<Value> {
  readonly #placesMax: number;
  readonly #ownerMax: number;
  /** The one unused for longest first. */
  readonly #kept = new Map<string, Kept<Value>>();
  readonly #holdings = new Map<string, Holding>();
  #places = 0;

  constructor(placesMax: number) {
    this.#placesMax = placesMax;
    this.#ownerMax = Math.max(1, Math.floor(placesMax / SHARE_OF_OWNER));
  }

  get size(): number {
    return this.#kept.size;
  }

  /** That is a use. */
  get(key: string): Value | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#take(key, kept);
    this.#put(key, kept);
    return kept.value;
  }

  /** Keeps it in place of what was there under that key. */
  set(key: string, value: Value, owner: string, places: number): void {
    this.delete(key);
    if (places > this.#ownerMax) return;
    this.#put(key, { value, owner, places });
    const own = this.#holdings.get(owner);
    while (own !== undefined && own.places > this.#ownerMax) this.#deleteFirst(own.keys);
    while (this.#places > this.#placesMax) this.#deleteFirst(this.#kept);
  }

  delete(key: string): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined) this.#take(key, kept);
  }

  clear(): void {
    this.#kept.clear();
    this.#holdings.clear();
    this.#places = 0;
  }

  #put(key: string, kept: Kept<Value>): void {
    const { owner, places } = kept;
    const holding = this.#holdings.get(owner) ?? { keys: new Set(), places: 0 };
    this.#holdings.set(owner, holding);
    holding.keys.add(key);
    holding.places += places;
    this.#kept.set(key, kept);
    this.#places += places;
  }

  #take(key: string, { owner, places }: Kept<Value>): void {
    const holding = this.#holdings.get(owner) as Holding;
    holding.keys.delete(key);
    holding.places -= places;
    if (holding.keys.size === 0) this.#holdings.delete(owner);
    this.#kept.delete(key);
    this.#places -= places;
  }

  #deleteFirst(keyed: Pick<ReadonlySet<string>, 'keys'>): void {
    const [first] = keyed.keys();
    this.delete(first as string);
  }
}
