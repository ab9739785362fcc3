import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EMPTY_ROOT, leafHash, nodeHash } from '@sallyport/shared/audit/merkle.ts';
import { TreeFrontier } from '@sallyport/shared/audit/tree-frontier.ts';
import fc from 'fast-check';

const leaves = Array.from({ length: 70 }, (_, index) => leafHash(Buffer.from(`${index}`)));

function grown(size: number): TreeFrontier {
  const frontier = new TreeFrontier();
  for (const leaf of leaves.slice(0, size)) frontier.append(leaf);
  return frontier;
}

/** RFC 9162 §2.1.1. */
function definedRoot(part: readonly Buffer[]): Buffer {
  if (part.length <= 1) return part[0] ?? EMPTY_ROOT;
  let split = 1;
  while (split * 2 < part.length) split *= 2;
  return nodeHash(definedRoot(part.slice(0, split)), definedRoot(part.slice(split)));
}

describe('frontier of the tree', () => {
  it('has the root that the whole tree has, also after it was kept and restored anywhere', () => {
    fc.assert(
      fc.property(fc.nat(leaves.length), fc.nat(leaves.length), (one, other) => {
        const from = Math.min(one, other);
        const to = Math.max(one, other);
        const restored = TreeFrontier.restore(grown(from).serialise());
        assert.ok(restored.ok);
        for (const leaf of leaves.slice(from, to)) restored.value.append(leaf);
        assert.equal(restored.value.size, to);
        assert.deepEqual(restored.value.root(), definedRoot(leaves.slice(0, to)));
        assert.deepEqual(restored.value.serialise(), grown(to).serialise());
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

  for (const [what, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['half a size', Buffer.alloc(7)],
    ['a peak too many', Buffer.concat([grown(2).serialise(), Buffer.alloc(32)])],
    ['a peak too few', grown(3).serialise().subarray(0, -32)],
    ['half a peak', grown(3).serialise().subarray(0, -16)],
    [
      'a size that no number holds',
      Buffer.concat([Buffer.from('0020000000000000', 'hex'), Buffer.alloc(32)]),
    ],
  ] as const) {
    it(`is not restored from ${what}`, () => {
      assert.deepEqual(TreeFrontier.restore(bytes), { ok: false, error: 'frontier-malformed' });
    });
  }
});
