import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/** Bytes of every hash of the tree: SHA-256. */
export const HASH_BYTES = 32;

const LEAF = 0;
const NODE = 1;
const LEAF_SCRATCH_BYTES = 16_384;

const nodeScratch = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);
const leafScratch = Buffer.alloc(LEAF_SCRATCH_BYTES, LEAF);

/** Root of the tree that has no leaf (RFC 9162 §2.1.1). */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** Hash of one entry: SHA-256 of 0x00 and its bytes (RFC 9162 §2.1.1). */
export function leafHash(bytes: Uint8Array): Buffer {
  const length = bytes.length + 1;
  const input = length > LEAF_SCRATCH_BYTES ? Buffer.alloc(length, LEAF) : leafScratch;
  input[0] = LEAF;
  input.set(bytes, 1);
  return hash('sha256', input.subarray(0, length), 'buffer');
}

/** Hash of an inner node: SHA-256 of 0x01 and both children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeScratch.set(left, 1);
  nodeScratch.set(right, 1 + HASH_BYTES);
  return hash('sha256', nodeScratch, 'buffer');
}

/** Hash of a complete subtree: 2^level leaves, the `index`th of that size. */
export type HashAt = (level: number, index: number) => Uint8Array;

/** Root of the tree of the first `size` leaves. */
export function rootAt(size: number, hashAt: HashAt): Uint8Array {
  return size === 0 ? EMPTY_ROOT : rangeHash(0, size, hashAt);
}

/** The audit path of a leaf, nearest sibling first (RFC 9162 §2.1.3.1). */
export function inclusionProof(index: number, size: number, hashAt: HashAt): readonly Uint8Array[] {
  if (index < 0 || index >= size) throw new RangeError('no such leaf');
  const path: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(rangeHash(middle, end, hashAt));
      end = middle;
    } else {
      path.push(rangeHash(start, middle, hashAt));
      start = middle;
    }
  }
  return path.reverse();
}

/** That the tree of `size` leaves begins with the one of `oldSize` (RFC 9162 §2.1.4.1); empty where one is the other, or nothing. */
export function consistencyProof(
  oldSize: number,
  size: number,
  hashAt: HashAt,
): readonly Uint8Array[] {
  if (oldSize < 0 || oldSize > size) throw new RangeError('no such older tree');
  if (oldSize === 0 || oldSize === size) return [];
  const path: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end > oldSize) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      path.push(rangeHash(middle, end, hashAt));
      end = middle;
    } else {
      path.push(rangeHash(start, middle, hashAt));
      start = middle;
    }
  }
  if (start > 0) path.push(rangeHash(start, end, hashAt));
  return path.reverse();
}

/** Whether the path leads from this leaf to that root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  const sides = sidesOf(index, size - 1, proof.length);
  if (sides === undefined || !areHashes([leaf, ...proof])) return false;
  let computed: Uint8Array = leaf;
  for (const [place, sibling] of proof.entries()) {
    computed = sides[place] ? nodeHash(sibling, computed) : nodeHash(computed, sibling);
  }
  return isSame(computed, root);
}

/** Whether the newer tree begins with the older one (RFC 9162 §2.1.4.2). */
export function verifyConsistency(
  oldSize: number,
  size: number,
  oldRoot: Uint8Array,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size) return false;
  if (oldSize === size && !isSame(oldRoot, root)) return false;
  if (oldSize === 0) return proof.length === 0 && isSame(oldRoot, EMPTY_ROOT);
  if (oldSize === size) return proof.length === 0;
  const [first, ...siblings] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  const sides = sidesOf(node, last, siblings.length);
  if (first === undefined || sides === undefined || !areHashes([first, ...siblings])) return false;
  let older: Uint8Array = first;
  let newer: Uint8Array = first;
  for (const [place, sibling] of siblings.entries()) {
    if (sides[place]) older = nodeHash(sibling, older);
    newer = sides[place] ? nodeHash(sibling, newer) : nodeHash(newer, sibling);
  }
  return isSame(older, oldRoot) && isSame(newer, root);
}

/**
 * On which side the siblings of a path stand, true for left, from a node up to the root; `last` is the last node of
 * that level. Undefined where the path would have another length.
 */
function sidesOf(start: number, end: number, length: number): readonly boolean[] | undefined {
  const sides: boolean[] = [];
  let node = start;
  let last = end;
  while (last > 0) {
    if (sides.length === length) return undefined;
    const isLeft = node % 2 === 1 || node === last;
    while (isLeft && node % 2 === 0 && node !== 0) {
      node /= 2;
      last = half(last);
    }
    sides.push(isLeft);
    node = half(node);
    last = half(last);
  }
  return sides.length === length ? sides : undefined;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every(({ length }) => length === HASH_BYTES);
}

/** Root over the leaves from `start` up to `end`, where `start` is a multiple of the smallest power of two that holds them. */
function rangeHash(start: number, end: number, hashAt: HashAt): Uint8Array {
  const length = end - start;
  if (isPowerOfTwo(length)) return hashAt(Math.log2(length), start / length);
  const middle = start + splitOf(length);
  return nodeHash(rangeHash(start, middle, hashAt), rangeHash(middle, end, hashAt));
}

/** The largest power of two below `length`. */
function splitOf(length: number): number {
  let split = 1;
  while (split * 2 < length) split *= 2;
  return split;
}

function isPowerOfTwo(value: number): boolean {
  return splitOf(value + 1) === value;
}

/** Shifts would cut numbers to 32 bits. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
