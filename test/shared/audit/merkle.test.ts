import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  consistencyProof,
  EMPTY_ROOT,
  type HashAt,
  inclusionProof,
  leafHash,
  nodeHash,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from '@sallyport/shared/audit/merkle.ts';
import { TreeFrontier } from '@sallyport/shared/audit/tree-frontier.ts';
import fc from 'fast-check';

interface Vectors {
  readonly leaves: readonly string[];
  readonly roots: readonly string[];
  readonly inclusion: readonly { index: number; size: number; proof: readonly string[] }[];
  readonly consistency: readonly { oldSize: number; size: number; proof: readonly string[] }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/audit/merkle.json', import.meta.url), 'utf8'),
) as Vectors;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string) => Buffer.from(text, 'hex');

/** The definition of RFC 9162 §2.1.1, word for word. */
function definedRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return hash('sha256', '', 'buffer');
  if (leaves.length === 1) return leaves[0] as Buffer;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)));
}

/** Hashes of complete subtrees out of all leaves, each made once. */
function hashesOf(leaves: readonly Buffer[]): HashAt {
  const levels: Buffer[][] = [[...leaves]];
  return (level, index) => {
    for (let at = levels.length; at <= level; at++) {
      const below = levels[at - 1] as Buffer[];
      levels.push(
        Array.from({ length: Math.floor(below.length / 2) }, (_, place) =>
          nodeHash(below[2 * place] as Buffer, below[2 * place + 1] as Buffer),
        ),
      );
    }
    return levels[level]?.[index] ?? assert.fail(`no subtree ${level}/${index}`);
  };
}

const SIZE_MAX = 160;
const leaves = Array.from({ length: SIZE_MAX }, (_, index) => leafHash(Buffer.from(`${index}`)));
const hashAt = hashesOf(leaves);
const roots = Array.from({ length: SIZE_MAX + 1 }, (_, size) => definedRoot(leaves.slice(0, size)));
const rootOf = (size: number) => roots[size] as Buffer;

describe('the eight leaves of RFC 6962', () => {
  const known = vectors.leaves.map((leaf) => leafHash(bytesOf(leaf)));
  const knownRoot = (size: number) => bytesOf(vectors.roots[size] ?? '');

  for (const [size, root] of vectors.roots.entries()) {
    it(`root of ${size}`, () => {
      assert.equal(hex(rootAt(size, hashesOf(known))), root);
      const frontier = new TreeFrontier();
      for (const leaf of known.slice(0, size)) frontier.append(leaf);
      assert.equal(hex(frontier.root()), root);
    });
  }
  for (const { index, size, proof } of vectors.inclusion) {
    it(`leaf ${index} of ${size}`, () => {
      const made = inclusionProof(index, size, hashesOf(known));
      assert.deepEqual(made.map(hex), proof);
      assert.ok(verifyInclusion(index, size, known[index] as Buffer, made, knownRoot(size)));
    });
  }
  for (const { oldSize, size, proof } of vectors.consistency) {
    it(`from ${oldSize} to ${size}`, () => {
      const made = consistencyProof(oldSize, size, hashesOf(known));
      assert.deepEqual(made.map(hex), proof);
      assert.ok(verifyConsistency(oldSize, size, knownRoot(oldSize), knownRoot(size), made));
    });
  }
});

describe(`proofs in every tree of up to ${SIZE_MAX} leaves`, () => {
  it('of every leaf lead to the root, and no other leaf or place fits them', () => {
    for (let size = 1; size <= SIZE_MAX; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(index, size, hashAt);
        const leaf = leaves[index] as Buffer;
        const root = rootOf(size);
        assert.ok(verifyInclusion(index, size, leaf, proof, root), `${index} of ${size}`);
        if (size > 1) {
          const other = (index + 1) % size;
          assert.ok(!verifyInclusion(other, size, leaf, proof, root));
          assert.ok(!verifyInclusion(index, size, leaves[other] as Buffer, proof, root));
        }
      }
    }
  });

  it('of every older tree lead to both roots', () => {
    for (let size = 0; size <= SIZE_MAX; size++) {
      for (let oldSize = 0; oldSize <= size; oldSize++) {
        const proof = consistencyProof(oldSize, size, hashAt);
        const isGood = verifyConsistency(oldSize, size, rootOf(oldSize), rootOf(size), proof);
        assert.ok(isGood, `${oldSize} of ${size}`);
        if (oldSize > 0 && oldSize < size) {
          assert.ok(!verifyConsistency(oldSize, size, rootOf(oldSize - 1), rootOf(size), proof));
          assert.ok(!verifyConsistency(oldSize, size, rootOf(oldSize), rootOf(size - 1), proof));
        }
      }
    }
  });
});

/** A proof with one thing wrong in it. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), place: fc.nat(), bit: fc.nat(255) }),
  fc.record({ kind: fc.constantFrom('drop', 'double', 'short', 'swap'), place: fc.nat() }),
  fc.record({ kind: fc.constantFrom('add-front', 'add-back'), place: fc.nat() }),
);

function damaged(proof: readonly Uint8Array[], how: { kind: string; place: number; bit?: number }) {
  const place = proof.length === 0 ? 0 : how.place % proof.length;
  const hashes = proof.map((one) => Buffer.from(one));
  const chosen = hashes[place];
  if (how.kind === 'add-front') return [EMPTY_ROOT, ...hashes];
  if (how.kind === 'add-back' || chosen === undefined) return [...hashes, EMPTY_ROOT];
  if (how.kind === 'drop') return hashes.toSpliced(place, 1);
  if (how.kind === 'double') return hashes.toSpliced(place, 0, chosen);
  if (how.kind === 'short') return hashes.with(place, chosen.subarray(0, 31));
  if (how.kind === 'swap') return hashes.length < 2 ? [] : hashes.toReversed();
  const bit = how.bit ?? 0;
  chosen[bit >> 3] = (chosen[bit >> 3] as number) ^ (1 << (bit & 7));
  return hashes;
}

describe('a damaged proof', () => {
  const sizes = fc.integer({ min: 1, max: SIZE_MAX }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      other: fc.integer({ min: 0, max: size - 1 }),
      how: damage,
    }),
  );

  it('of a leaf is refused', () => {
    fc.assert(
      fc.property(sizes, ({ size, other, how }) => {
        const proof = damaged(inclusionProof(other, size, hashAt), how);
        assert.ok(!verifyInclusion(other, size, leaves[other] as Buffer, proof, rootOf(size)));
      }),
      { numRuns: 2000 },
    );
  });

  it('of growth is refused', () => {
    fc.assert(
      fc.property(sizes, ({ size, other, how }) => {
        const proof = damaged(consistencyProof(other, size, hashAt), how);
        assert.ok(!verifyConsistency(other, size, rootOf(other), rootOf(size), proof));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what no tree has', () => {
  const leaf = leaves[0] as Buffer;

  for (const [index, size] of [
    [1, 1],
    [0, 0],
    [-1, 1],
    [0.5, 1],
    [0, Number.NaN],
    [0, 2 ** 53],
  ] as const) {
    it(`leaf ${index} of ${size}`, () => {
      assert.ok(!verifyInclusion(index, size, leaf, [], leaf));
    });
  }

  for (const [oldSize, size] of [
    [2, 1],
    [-1, 1],
    [0.5, 1],
    [1, 2 ** 53],
  ] as const) {
    it(`growth from ${oldSize} to ${size}`, () => {
      assert.ok(!verifyConsistency(oldSize, size, leaf, leaf, []));
    });
  }

  it('is not proved either', () => {
    assert.throws(() => inclusionProof(1, 1, hashAt), RangeError);
    assert.throws(() => inclusionProof(-1, 1, hashAt), RangeError);
    assert.throws(() => consistencyProof(2, 1, hashAt), RangeError);
    assert.throws(() => consistencyProof(-1, 1, hashAt), RangeError);
  });

  it('an empty tree has one root only', () => {
    assert.ok(verifyConsistency(0, 1, EMPTY_ROOT, leaf, []));
    assert.ok(!verifyConsistency(0, 1, leaf, leaf, []));
    assert.ok(!verifyConsistency(0, 1, EMPTY_ROOT, leaf, [leaf]));
  });
});

describe('beyond 32 bits', () => {
  it('a proof is as good', () => {
    const size = 2 ** 40 + 3;
    const same = leafHash(Buffer.alloc(0));
    const levels: Buffer[] = [same];
    while (levels.length <= 40) {
      const below = levels.at(-1) as Buffer;
      levels.push(nodeHash(below, below));
    }
    const at: HashAt = (level) => levels[level] as Buffer;
    const root = rootAt(size, at);
    for (const index of [0, 2 ** 32, 2 ** 33 + 5, 2 ** 40 - 1, 2 ** 40, 2 ** 40 + 2]) {
      const proof = inclusionProof(index, size, at);
      assert.ok(verifyInclusion(index, size, same, proof, root), String(index));
      assert.ok(!verifyInclusion(index, size, root as Buffer, proof, root), String(index));
    }
    for (const oldSize of [1, 2 ** 32 + 1, 2 ** 40, 2 ** 40 + 1]) {
      const proof = consistencyProof(oldSize, size, at);
      assert.ok(verifyConsistency(oldSize, size, rootAt(oldSize, at), root, proof));
    }
  });
});

describe('leaf hash', () => {
  for (const length of [0, 1, 16_382, 16_383, 16_384, 40_000]) {
    it(`of ${length} bytes is told from a node's`, () => {
      const bytes = Buffer.alloc(length, 7);
      const defined = hash('sha256', Buffer.concat([Buffer.of(0), bytes]), 'hex');
      assert.equal(hex(leafHash(bytes)), defined);
    });
  }
});
