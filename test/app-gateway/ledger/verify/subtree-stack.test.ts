import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { coverOf, SubtreeStack } from '@sallyport/app-gateway/ledger/verify/subtree-stack.ts';
import { leafHash, nodeHash } from '@sallyport/shared/audit/merkle.ts';
import { TreeFrontier } from '@sallyport/shared/audit/tree-frontier.ts';
import fc from 'fast-check';

const LEAVES = Array.from({ length: 300 }, (_, number) => leafHash(Buffer.from(`leaf ${number}`)));

function hashAt(level: number, number: number): Buffer {
  if (level === 0) return LEAVES[number] as Buffer;
  return nodeHash(hashAt(level - 1, number * 2), hashAt(level - 1, number * 2 + 1));
}

function rootOf(size: number): Buffer {
  const frontier = new TreeFrontier();
  for (const leaf of LEAVES.slice(0, size)) frontier.append(leaf);
  return frontier.root();
}

describe('a tree out of leaves and perfect parts (RFC 9162 §2.1)', () => {
  it('of nothing has the root of nothing', () => {
    assert.deepEqual(new SubtreeStack().root(), hash('sha256', '', 'buffer'));
  });

  it('has the same root whatever stood for the left and the right of it (property)', () => {
    const sizes = fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300));
    const property = fc.property(sizes, (unsorted) => {
      const [from, to, size] = unsorted.toSorted((a, b) => a - b) as [number, number, number];
      const tree = new SubtreeStack();
      const add = ({ level, number }: { level: number; number: number }) =>
        assert.ok(tree.subtree(level, number, hashAt(level, number)));
      for (const part of coverOf(0, from)) add(part);
      for (const leaf of LEAVES.slice(from, to)) tree.leaf(leaf);
      const copy = tree.copy();
      for (const part of coverOf(to, size)) add(part);
      assert.deepEqual([tree.size, tree.root()], [size, rootOf(size)]);
      assert.deepEqual([copy.size, copy.root()], [to, rootOf(to)]);
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 300 });
  });

  it('takes no part that is not the next', () => {
    const tree = new SubtreeStack();
    assert.equal(tree.subtree(1, 1, hashAt(1, 1)), false);
    assert.ok(tree.subtree(0, 0, hashAt(0, 0)));
    assert.equal(tree.subtree(1, 0, hashAt(1, 0)), false);
    assert.equal(tree.subtree(0, 0, hashAt(0, 0)), false);
    assert.equal(tree.size, 1);
  });

  it('covers with the fewest parts', () => {
    const rows: readonly (readonly [number, number, string])[] = [
      [0, 0, ''],
      [0, 8, '3/0'],
      [0, 7, '2/0 1/2 0/6'],
      [3, 8, '0/3 2/1'],
      [5, 6, '0/5'],
      [256, 300, '5/8 3/36 2/74'],
    ];
    for (const [start, end, parts] of rows) {
      assert.equal(
        coverOf(start, end)
          .map(({ level, number }) => `${level}/${number}`)
          .join(' '),
        parts,
      );
    }
  });
});
