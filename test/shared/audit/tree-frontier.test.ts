import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EMPTY_ROOT, leafHash, nodeHash } from '@sallyport/shared/audit/merkle.ts';
import { TreeFrontier } from '@sallyport/shared/audit/tree-frontier.ts';
import fc from 'fast-check';

const leaves = Array.from({ length: 70 }, (_, index) => leafHash(Buffer.from(`${index}`)));

/** RFC 9162 §2.1.1. */
function definedRoot(part: readonly Buffer[]): Buffer {
  if (part.length <= 1) return part[0] ?? EMPTY_ROOT;
  let split = 1;
  while (split * 2 < part.length) split *= 2;
  return nodeHash(definedRoot(part.slice(0, split)), definedRoot(part.slice(split)));
}

/** Roots of the complete subtrees that make up the tree of the first leaves, the largest first. */
function definedPeaks(size: number): readonly Buffer[] {
  const peaks: Buffer[] = [];
  for (let start = 0, width = 64; width >= 1; width /= 2) {
    if (start + width > size) continue;
    peaks.push(definedRoot(leaves.slice(start, start + width)));
    start += width;
  }
  return peaks;
}

describe('frontier of the tree', () => {
  it('has the root that the whole tree has, also where it goes on from the peaks of a smaller one', () => {
    fc.assert(
      fc.property(fc.nat(leaves.length), fc.nat(leaves.length), (one, other) => {
        const from = Math.min(one, other);
        const to = Math.max(one, other);
        const frontier = TreeFrontier.from(from, definedPeaks(from));
        for (const leaf of leaves.slice(from, to)) frontier.append(leaf);
        assert.equal(frontier.size, to);
        assert.deepEqual(frontier.root(), definedRoot(leaves.slice(0, to)));
      }),
    );
  });

  it('tells of every subtree once, when it is complete', () => {
    const told: string[] = [];
    const frontier = new TreeFrontier({
      completed: (level, index) => told.push(`${level}/${index}`),
    });
    for (const leaf of leaves.slice(0, 5)) frontier.append(leaf);
    assert.deepEqual(told, ['0/0', '0/1', '1/0', '0/2', '0/3', '1/1', '2/0', '0/4']);
  });
});
