const SLOTS_MIN = 64;

/** Two random 32-bit words: without knowing them nobody can choose keys that collide. */
export type HashSeed = readonly [number, number];

/**
 * Things by a text that peers choose, for things that come and go by the thousand.
 *
 * Not a Map, for the reason that `NumberTable` gives. Open addressing with linear probing; a deletion moves the
 * entries behind it up, so that no slot is ever wasted. The hash is HalfSipHash-1-3.
 */
export class TextTable<Entry> {
  readonly #seed: HashSeed;
  #keys: (string | undefined)[] = empty(SLOTS_MIN);
  #entries: (Entry | undefined)[] = empty(SLOTS_MIN);
  #hashes = new Int32Array(SLOTS_MIN);
  #size = 0;
  /** The key asked for last: what is not found is mostly added next. */
  #lastKey = '';
  #lastHash: number;

  constructor(seed: HashSeed) {
    this.#seed = seed;
    this.#lastHash = halfSipHash('', seed);
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): Entry | undefined {
    return this.#entries[this.#slotOf(key, this.#hashOf(key))];
  }

  /** Replaces what was there under that key. */
  set(key: string, entry: Entry): void {
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    const hash = this.#hashOf(key);
    const slot = this.#slotOf(key, hash);
    if (this.#keys[slot] === undefined) this.#size++;
    this.#keys[slot] = key;
    this.#entries[slot] = entry;
    this.#hashes[slot] = hash;
  }

  /** Nothing happens where it is not there. */
  delete(key: string): void {
    const slot = this.#slotOf(key, this.#hashOf(key));
    if (this.#keys[slot] === undefined) return;
    this.#size--;
    this.#closeGap(slot);
  }

  /** All there are now. */
  entries(): Entry[] {
    return this.#entries.filter((entry) => entry !== undefined);
  }

  #hashOf(key: string): number {
    if (key !== this.#lastKey) {
      this.#lastHash = halfSipHash(key, this.#seed);
      this.#lastKey = key;
    }
    return this.#lastHash;
  }

  /** Where that key stands, or the free slot where it would. */
  #slotOf(key: string, hash: number): number {
    const mask = this.#keys.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = this.#keys[slot];
      if (found === undefined || (this.#hashes[slot] === hash && found === key)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Moves up what probed past the slot that is now free. */
  #closeGap(slot: number): void {
    const mask = this.#keys.length - 1;
    let gap = slot;
    for (let at = (gap + 1) & mask; this.#keys[at] !== undefined; at = (at + 1) & mask) {
      const home = (this.#hashes[at] as number) & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      this.#keys[gap] = this.#keys[at];
      this.#entries[gap] = this.#entries[at];
      this.#hashes[gap] = this.#hashes[at] as number;
      gap = at;
    }
    this.#keys[gap] = undefined;
    this.#entries[gap] = undefined;
  }

  #grow(): void {
    const keys = this.#keys;
    const entries = this.#entries;
    const hashes = this.#hashes;
    const slots = keys.length * 2;
    this.#keys = empty(slots);
    this.#entries = empty(slots);
    this.#hashes = new Int32Array(slots);
    for (const [at, key] of keys.entries()) {
      if (key === undefined) continue;
      const hash = hashes[at] as number;
      const slot = this.#slotOf(key, hash);
      this.#keys[slot] = key;
      this.#entries[slot] = entries[at];
      this.#hashes[slot] = hash;
    }
    keys.fill(undefined);
    entries.fill(undefined);
  }
}

function empty<Entry>(slots: number): (Entry | undefined)[] {
  return new Array<Entry | undefined>(slots).fill(undefined);
}

/**
 * HalfSipHash-1-3 with a 64-bit key, as hash tables in kernels use it (Aumasson and Bernstein, "SipHash"). Each
 * character counts as a byte.
 */
export function halfSipHash(text: string, [k0, k1]: HashSeed): number {
  const { length } = text;
  const whole = length & ~3;
  let v0 = k0;
  let v1 = k1;
  let v2 = 0x6c_79_67_65 ^ k0;
  let v3 = 0x74_65_64_62 ^ k1;
  // After the text one word with what is left of it and its length, then three for the end.
  for (let at = 0; at <= whole + 12; at += 4) {
    let word = 0;
    if (at < whole) {
      word =
        text.charCodeAt(at) |
        (text.charCodeAt(at + 1) << 8) |
        (text.charCodeAt(at + 2) << 16) |
        (text.charCodeAt(at + 3) << 24);
    } else if (at === whole) {
      word = length << 24;
      for (let i = whole; i < length; i++) word |= text.charCodeAt(i) << ((i & 3) * 8);
    } else if (at === whole + 4) {
      v2 ^= 0xff;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}
