import { EMPTY_ROOT, nodeHash } from '@sallyport/shared/audit/merkle.ts';

/**
 * A tree that grows to the right by leaves or by whole perfect parts (RFC 9162 §2.1): keeps the roots of its perfect
 * parts, the largest first.
 */
export class SubtreeStack {
  readonly #levels: number[] = [];
  readonly #hashes: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The same tree, which then grows by itself. */
  copy(): SubtreeStack {
    const copy = new SubtreeStack();
    copy.#levels.push(...this.#levels);
    copy.#hashes.push(...this.#hashes);
    copy.#size = this.#size;
    return copy;
  }

  leaf(hash: Buffer): void {
    this.#put(0, hash);
    this.#size++;
  }

  /** Takes the part of 2^level leaves with that number; false: it is not the next one here. */
  subtree(level: number, number: number, hash: Buffer): boolean {
    const width = 2 ** level;
    if (number * width !== this.#size) return false;
    this.#put(level, hash);
    this.#size += width;
    return true;
  }

  root(): Buffer {
    let root: Buffer | undefined;
    for (const hash of this.#hashes.toReversed()) {
      root = root === undefined ? hash : nodeHash(hash, root);
    }
    return root ?? EMPTY_ROOT;
  }

  #put(level: number, hash: Buffer): void {
    let joined = hash;
    let joinedLevel = level;
    while (this.#levels.at(-1) === joinedLevel) {
      joined = nodeHash(this.#hashes.pop() as Buffer, joined);
      this.#levels.pop();
      joinedLevel++;
    }
    this.#levels.push(joinedLevel);
    this.#hashes.push(joined);
  }
}

/** The perfect parts that cover leaves [start, end), from the left: the fewest there are. */
export function coverOf(
  start: number,
  end: number,
): readonly { readonly level: number; readonly number: number }[] {
  const parts: { level: number; number: number }[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++;
    parts.push({ level, number: at / 2 ** level });
    at += 2 ** level;
  }
  return parts;
}
