import assert from 'node:assert/strict';
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

type Hashes = readonly Uint8Array[];

const SIZE_MAX = 17;
const SOME_HASH = Buffer.from('abacaba0'.padEnd(64, '0'), 'hex');
const WRONG = Buffer.from('WrongLeaf');
const NONE = Buffer.alloc(0);
const leaves = Array.from({ length: SIZE_MAX }, (_, n) => leafHash(Buffer.from(`leaf ${n}`)));
const hashAt: HashAt = (level, index) =>
  level === 0
    ? (leaves[index] ?? assert.fail())
    : nodeHash(hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1));

/** Bitwise, as the probes of others have it. */
function flipped(hash: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(hash);
  changed[0] = (changed[0] as number) ^ bit;
  return changed;
}

interface InclusionProbe {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly proof: Hashes;
  readonly root: Uint8Array;
}

/** A proof that holds, with one thing of it wrong. */
function inclusionProbes(good: InclusionProbe): [string, InclusionProbe][] {
  const { index, size, proof, root } = good;
  const [first, ...rest] = proof;
  return [
    ['the leaf before', { ...good, index: index - 1 }],
    ['the leaf after', { ...good, index: index + 1 }],
    ['a leaf elsewhere', { ...good, index: index ^ 2 }],
    ['a tree twice as high', { ...good, size: size * 2 }],
    ['a tree half as high', { ...good, size: Math.floor(size / 2) }],
    ['another leaf', { ...good, leaf: WRONG }],
    ['no leaf', { ...good, leaf: NONE }],
    ['the empty root', { ...good, root: EMPTY_ROOT }],
    ['another root', { ...good, root: SOME_HASH }],
    ['no root', { ...good, root: NONE }],
    ['nothing behind', { ...good, proof: [...proof, NONE] }],
    ['the root behind', { ...good, proof: [...proof, root] }],
    ['nothing in front', { ...good, proof: [NONE, ...proof] }],
    ['the root in front', { ...good, proof: [root, ...proof] }],
    ...proof.map((hash, n): [string, InclusionProbe] => [
      `hash ${n} changed`,
      { ...good, proof: proof.toSpliced(n, 1, flipped(hash, 8)) },
    ]),
    ...(first === undefined ? [] : [lessOf(good), moreOf(good, first, rest)]),
  ];
}

function lessOf(good: InclusionProbe): [string, InclusionProbe] {
  return ['one hash less', { ...good, proof: good.proof.slice(0, -1) }];
}

function moreOf(good: InclusionProbe, first: Uint8Array, rest: Hashes): [string, InclusionProbe] {
  return ['one hash more', { ...good, proof: [first, SOME_HASH, ...rest] }];
}

interface ConsistencyProbe {
  readonly oldSize: number;
  readonly size: number;
  readonly oldRoot: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: Hashes;
}

function consistencyProbes(good: ConsistencyProbe): [string, ConsistencyProbe][] {
  const { oldSize, size, oldRoot, root, proof } = good;
  return [
    ['the older tree one smaller', { ...good, oldSize: oldSize - 1 }],
    ['the older tree one larger', { ...good, oldSize: oldSize + 1 }],
    ['the older tree another', { ...good, oldSize: oldSize ^ 2 }],
    ['a tree twice as high', { ...good, size: size * 2 }],
    ['a tree half as high', { ...good, size: Math.floor(size / 2) }],
    ['another older root', { ...good, oldRoot: WRONG }],
    ['another root', { ...good, root: WRONG }],
    ['the roots the other way round', { ...good, oldRoot: root, root: oldRoot }],
    ['no proof', { ...good, proof: [] }],
    ['nothing behind', { ...good, proof: [...proof, NONE] }],
    ['the older root behind', { ...good, proof: [...proof, oldRoot] }],
    ['the root behind', { ...good, proof: [...proof, root] }],
    ['nothing in front', { ...good, proof: [NONE, ...proof] }],
    ['the older root in front', { ...good, proof: [oldRoot, ...proof] }],
    ['the root in front', { ...good, proof: [root, ...proof] }],
    ['the first hash twice', { ...good, proof: [proof[0] ?? NONE, ...proof] }],
    ['one hash less', { ...good, proof: proof.slice(0, -1) }],
    ...proof.map((hash, n): [string, ConsistencyProbe] => [
      `hash ${n} changed`,
      { ...good, proof: proof.toSpliced(n, 1, flipped(hash, 16)) },
    ]),
  ];
}

describe('the probes of transparency-dev/merkle, on trees of ours', () => {
  for (let size = 1; size <= SIZE_MAX; size++) {
    it(`every leaf of ${size}`, () => {
      for (let index = 0; index < size; index++) {
        const leaf = leaves[index] as Buffer;
        const proof = inclusionProof(index, size, hashAt);
        const good = { index, size, leaf, proof, root: rootAt(size, hashAt) };
        assert.ok(verifyInclusion(index, size, leaf, proof, good.root));
        for (const [what, probe] of inclusionProbes(good)) {
          const { index: at, size: of, leaf: hash, proof: path, root } = probe;
          assert.ok(!verifyInclusion(at, of, hash, path, root), `${index} of ${size}: ${what}`);
        }
      }
    });

    it(`growth to ${size} from every tree before`, () => {
      for (let oldSize = 1; oldSize < size; oldSize++) {
        const [oldRoot, root] = [rootAt(oldSize, hashAt), rootAt(size, hashAt)];
        const proof = consistencyProof(oldSize, size, hashAt);
        assert.ok(verifyConsistency(oldSize, size, oldRoot, root, proof));
        for (const [what, probe] of consistencyProbes({ oldSize, size, oldRoot, root, proof })) {
          const { oldSize: from, size: to, oldRoot: first, root: last, proof: path } = probe;
          assert.ok(!verifyConsistency(from, to, first, last, path), `${oldSize}-${size}: ${what}`);
        }
      }
    });
  }

  //  sizes, older root, root, proof, held. Of an empty tree any root is taken there; by us its own alone.
  const rows: readonly (readonly [number, number, Uint8Array, Uint8Array, Hashes, boolean])[] = [
    [0, 0, SOME_HASH, WRONG, [], false],
    [1, 1, SOME_HASH, WRONG, [], false],
    [0, 0, EMPTY_ROOT, EMPTY_ROOT, [], true],
    [0, 0, SOME_HASH, SOME_HASH, [], false],
    [0, 1, EMPTY_ROOT, SOME_HASH, [], true],
    [0, 1, SOME_HASH, WRONG, [], false],
    [1, 1, SOME_HASH, SOME_HASH, [], true],
    [1, 0, SOME_HASH, WRONG, [], false],
    [2, 1, SOME_HASH, WRONG, [], false],
    [1, 2, SOME_HASH, WRONG, [], false],
    [0, 0, EMPTY_ROOT, SOME_HASH, [], false],
    [1, 1, EMPTY_ROOT, SOME_HASH, [], false],
    [0, 0, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT], false],
    [0, 1, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT], false],
    [1, 1, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT], false],
  ];
  for (const [n, [oldSize, size, oldRoot, root, proof, isHeld]] of rows.entries()) {
    it(`${n}: from ${oldSize} to ${size}, ${proof.length} hashes: ${isHeld ? 'held' : 'refused'}`, () => {
      assert.equal(verifyConsistency(oldSize, size, oldRoot, root, proof), isHeld);
    });
  }

  for (const [index, size] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 1],
  ] as const) {
    it(`leaf ${index} of ${size} is in no tree of these roots`, () => {
      assert.ok(!verifyInclusion(index, size, SOME_HASH, [], NONE));
      assert.ok(!verifyInclusion(index, size, NONE, [], EMPTY_ROOT));
      assert.ok(!verifyInclusion(index, size, SOME_HASH, [], EMPTY_ROOT));
      assert.ok(!verifyInclusion(index, size, NONE, [], NONE));
    });
  }
});
