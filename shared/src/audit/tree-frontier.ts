import { Buffer } from 'node:buffer';
import { EMPTY_ROOT, nodeHash } from './merkle.ts';

/** Hears of every subtree when its last leaf comes: 2^level leaves, the `index`th of that size. */
export interface SubtreeSink {
  completed(level: number, index: number, hash: Buffer): void;
}

/**
 * The right edge of the growing tree: what one must keep to go on, at most one hash for each power of two.
 *
 * Sizes are whole numbers up to 2^53 - 1.
 */
export class TreeFrontier {
  /** At its level: the root of the complete subtree of that size, where the bit of `size` is set. */
  readonly #peaks: Buffer[] = [];
  readonly #sink: SubtreeSink | undefined;
  #size = 0;

  constructor(sink?: SubtreeSink) {
    this.#sink = sink;
  }

  /** From the roots of the complete subtrees that make up the tree, the largest first. */
  static from(size: number, peaks: readonly Uint8Array[], sink?: SubtreeSink): TreeFrontier {
    const frontier = new TreeFrontier(sink);
    frontier.#size = size;
    let place = peaks.length;
    for (let rest = size, level = 0; rest > 0; rest = Math.floor(rest / 2), level++) {
      if (rest % 2 === 1) frontier.#peaks[level] = Buffer.from(peaks[--place] as Uint8Array);
    }
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes the hash of the next leaf. */
  append(leaf: Buffer): void {
    const index = this.#size;
    this.#sink?.completed(0, index, leaf);
    let hash = leaf;
    let level = 0;
    let place = index;
    while (place % 2 === 1) {
      hash = nodeHash(this.#peaks[level] as Buffer, hash);
      level++;
      place = (place - 1) / 2;
      this.#sink?.completed(level, place, hash);
    }
    this.#peaks[level] = hash;
    this.#size = index + 1;
  }

  root(): Buffer {
    let hash: Buffer | undefined;
    for (let rest = this.#size, level = 0; rest > 0; rest = Math.floor(rest / 2), level++) {
      if (rest % 2 === 0) continue;
      const peak = this.#peaks[level] as Buffer;
      hash = hash === undefined ? peak : nodeHash(peak, hash);
    }
    return hash ?? EMPTY_ROOT;
  }
}
