const SLOTS_MIN = 64;

/** Two random 32-bit words: without knowing them nobody can choose keys that collide. */
export type HashSeed = readonly [number, number];

/** What a text table holds: a thing that knows its key, and the hash that the table made of it. */
export interface Keyed {
  readonly key: string;
  readonly keyHash: number;
}

/**
 * Things by a text that peers choose, for things that come and go by the thousand.
 *
 * Not a Map, for the reason that `NumberTable` gives. Open addressing with linear probing; a deletion moves the
 * entries behind it up, so that no slot is ever wasted.
 */
export class TextTable<Entry extends Keyed> {
  readonly #seed: HashSeed;
  #slots: (Entry | undefined)[] = empty(SLOTS_MIN);
  #size = 0;

  constructor(seed: HashSeed) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#size;
  }

  /** Of a text in latin1. */
  hashOf(key: string): number {
    const { length } = key;
    const bytes = length <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(length);
    return halfSipHash(bytes, 0, bytes.write(key, 0, 'latin1'), this.#seed);
  }

  get(key: string, keyHash: number): Entry | undefined {
    return this.#slots[this.#slotOf(key, keyHash)];
  }

  /** Replaces what was there under that key. */
  set(entry: Entry): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(entry.key, entry.keyHash);
    if (this.#slots[slot] === undefined) this.#size++;
    this.#slots[slot] = entry;
  }

  /** False where another or nothing stands under its key. */
  delete(entry: Entry): boolean {
    const slot = this.#slotOf(entry.key, entry.keyHash);
    if (this.#slots[slot] !== entry) return false;
    this.#size--;
    this.#closeGap(slot);
    return true;
  }

  /** All there are now. */
  entries(): Entry[] {
    return this.#slots.filter((entry) => entry !== undefined);
  }

  /** Where that key stands, or the free slot where it would. */
  #slotOf(key: string, keyHash: number): number {
    const mask = this.#slots.length - 1;
    let slot = keyHash & mask;
    for (;;) {
      const found = this.#slots[slot];
      if (found === undefined || (found.keyHash === keyHash && found.key === key)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Moves up what probed past the slot that is now free. */
  #closeGap(slot: number): void {
    const mask = this.#slots.length - 1;
    let gap = slot;
    for (let at = (gap + 1) & mask; ; at = (at + 1) & mask) {
      const entry = this.#slots[at];
      if (entry === undefined) break;
      if (((at - entry.keyHash) & mask) < ((at - gap) & mask)) continue;
      this.#slots[gap] = entry;
      gap = at;
    }
    this.#slots[gap] = undefined;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = empty(old.length * 2);
    for (const entry of old) {
      if (entry !== undefined) this.#slots[this.#slotOf(entry.key, entry.keyHash)] = entry;
    }
    // Storage that nobody uses any more must keep nothing either.
    old.fill(undefined);
  }
}

function empty<Entry>(slots: number): (Entry | undefined)[] {
  return new Array<Entry | undefined>(slots).fill(undefined);
}

/** Longer texts get a buffer of their own. */
const SCRATCH = Buffer.allocUnsafeSlow(512);

/**
 * HalfSipHash-1-3 of `bytes[start, end)` with a 64-bit key, as hash tables in kernels use it (Aumasson and Bernstein,
 * "SipHash").
 */
export function halfSipHash(
  bytes: Uint8Array,
  start: number,
  end: number,
  [k0, k1]: HashSeed,
): number {
  const length = end - start;
  const whole = start + (length & ~3);
  let v0 = k0;
  let v1 = k1;
  let v2 = 0x6c_79_67_65 ^ k0;
  let v3 = 0x74_65_64_62 ^ k1;
  // After the text one word with what is left of it and its length, then three for the end.
  for (let at = start; at <= whole + 12; at += 4) {
    let word = 0;
    if (at < whole) {
      word =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
    } else if (at === whole) {
      word = length << 24;
      for (let i = whole; i < end; i++) {
        word |= (bytes[i] as number) << ((i - whole) * 8);
      }
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
