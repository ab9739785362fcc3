import { HASH_BYTES } from '@sallyport/shared/audit/merkle.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';
import type { FindingList } from './finding.ts';
import { MisplacedRecords } from './misplaced-records.ts';
import { SubtreeStack } from './subtree-stack.ts';

/** A size and the root that is signed for it. */
export interface SignedRoot {
  readonly size: number;
  readonly root: Buffer;
}

/** What the tree says about the records, once all were seen. */
export interface TreeOutcome {
  /** Largest size whose signed root the records give. */
  readonly provenSize: number | undefined;
  /** That root. */
  readonly provenRoot: Buffer | undefined;
}

/**
 * Builds the tree anew from the records, and compares.
 *
 * Roots say whether anything is wrong; the stored hashes of leaves (tiles) say which record. Where the two differ, a second
 * tree grows from the stored hashes: if that one has the signed root, the record is the liar; if not, both are.
 */
export class TreeCheck {
  readonly #findings: FindingList;
  readonly #misplaced = new MisplacedRecords();
  #ofRecords = new SubtreeStack();
  /** Exists from the first difference on. */
  #ofTiles: SubtreeStack | undefined;
  #isWhole = true;
  #tile: { number: number; hashes: Buffer } | undefined;
  #expected: SignedRoot[] = [];
  #next = 0;
  /** By size, and whether the records gave it. */
  readonly #compared = new Map<number, boolean>();
  #proven: SignedRoot | undefined;
  #tilesProven = false;
  #lastGood = 0;
  #wrongRoots = 0;
  #skipped = 0;

  constructor(findings: FindingList) {
    this.#findings = findings;
  }

  /** Which roots are to come, by ascending size. */
  expect(roots: readonly SignedRoot[]): void {
    this.#expected = [...roots];
  }

  /** Place of the next leaf. */
  get size(): number {
    return this.#ofRecords.size + this.#skipped;
  }

  /** A part of the tree whose records are not here. */
  subtree(level: number, number: number, hash: Buffer): boolean {
    if (this.#skipped > 0 || !this.#ofRecords.subtree(level, number, hash)) return false;
    this.#ofTiles?.subtree(level, number, hash);
    this.#compare();
    return true;
  }

  tile(number: number, hashes: Buffer): void {
    this.#tile = { number, hashes };
  }

  /** The next record, by its hash. */
  leaf(hash: Buffer): void {
    const index = this.size;
    const stored = this.#storedHash(index);
    if (stored !== undefined && !stored.equals(hash)) {
      this.#misplaced.add(index, stored, hash);
      this.#ofTiles ??= this.#ofRecords.copy();
    }
    this.#ofRecords.leaf(hash);
    this.#ofTiles?.leaf(stored ?? hash);
    this.#compare();
  }

  /** Records [from, until) are not there: their stored hashes keep the tree whole, where they are known. */
  missing(until: number): void {
    for (let index = this.size; index < until; index++) {
      const stored = this.#storedHash(index);
      if (stored === undefined) {
        this.#isWhole = false;
        return;
      }
      this.#ofRecords.leaf(stored);
      this.#ofTiles?.leaf(stored);
      this.#compare();
    }
  }

  /** Nothing is known of the leaves before `size`: from here on no root can be compared. */
  skipTo(size: number): void {
    this.#isWhole = false;
    this.#skipped += Math.max(0, size - this.size);
  }

  /** The tree cannot be followed any further. */
  breakOff(): void {
    this.#isWhole = false;
  }

  /** Whether the records give the expected root of that size; undefined: it could not be compared. */
  gives(size: number): boolean | undefined {
    return this.#compared.get(size);
  }

  end(): TreeOutcome {
    const recordsAreRight = this.#wrongRoots === 0 && this.#proven !== undefined;
    if (recordsAreRight && !this.#tilesProven)
      this.#misplaced.report(this.#findings, 'hash-changed');
    else this.#misplaced.report(this.#findings, 'record-changed');
    return { provenSize: this.#proven?.size, provenRoot: this.#proven?.root };
  }

  #storedHash(index: number): Buffer | undefined {
    if (this.#tile?.number !== Math.floor(index / TILE_WIDTH)) return undefined;
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    const { hashes } = this.#tile;
    return at + HASH_BYTES <= hashes.length ? hashes.subarray(at, at + HASH_BYTES) : undefined;
  }

  #compare(): void {
    for (;;) {
      const expected = this.#expected[this.#next];
      if (expected === undefined || expected.size > this.size) return;
      this.#next++;
      if (expected.size < this.size || !this.#isWhole) continue;
      const isGiven = this.#ofRecords.root().equals(expected.root);
      this.#compared.set(expected.size, isGiven);
      if (isGiven) {
        this.#proven = expected;
        this.#lastGood = expected.size;
        continue;
      }
      this.#wrongRoots++;
      if (this.#ofTiles?.root().equals(expected.root) === true) {
        this.#tilesProven = true;
        // The stored hashes are the signed ones: what stands at their places instead is named one by one.
        this.#lastGood = expected.size;
      } else if (this.#wrongRoots === 1) {
        this.#findings.add('root-wrong', { index: this.#lastGood, untilIndex: expected.size });
      }
    }
  }
}
