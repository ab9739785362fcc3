import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatBranch,
  nodeOfBranch,
  parseBranch,
  startOfBranch,
} from '@sallyport/shared/sip/proxy/branch.ts';
import { hasMagicCookie } from '@sallyport/shared/sip/transaction/transaction-key.ts';
import fc from 'fast-check';

const PART = fc.stringMatching(/^[A-Za-z0-9-]{1,32}$/);

describe('the branch of our own Via (RFC 3261 §16.6 step 8)', () => {
  it('shows its parts in order behind the magic cookie', () => {
    const branch = formatBranch({ node: 'g1', unique: 'q7xk2a9f', loop: '1c9z' });
    assert.equal(branch, 'z9hG4bKg1.q7xk2a9f.1c9z');
    assert.ok(hasMagicCookie(branch));
  });

  it('gives back what was put in, and is a token', () => {
    fc.assert(
      fc.property(PART, PART, PART, (node, unique, loop) => {
        const branch = formatBranch({ node, unique, loop });
        assert.deepEqual(parseBranch(branch), { node, unique, loop });
        assert.equal(nodeOfBranch(branch), node);
        assert.ok(branch.startsWith(startOfBranch(node, unique)));
        assert.ok(branch.startsWith(startOfBranch(node, unique.slice(0, 1))));
        assert.match(branch, /^[A-Za-z0-9.!%*_+`'~-]+$/);
      }),
      { seed: 3261 },
    );
  });

  //  text                         node
  const foreign: readonly (readonly [string, string | undefined])[] = [
    ['', undefined],
    ['z9hG4bK', undefined],
    ['z9hG4bK776asdhds', undefined],
    ['z9hG4bK.a.b', undefined],
    ['g1.q7xk2a9f.1c9z', undefined],
    ['Z9HG4BKg1.q7xk2a9f.1c9z', undefined],
    [`z9hG4bK${'g'.repeat(33)}.a.b`, undefined],
    ['z9hG4bKg1.a', 'g1'],
    ['z9hG4bKg1.a.b.c', 'g1'],
    ['z9hG4bKg1..b', 'g1'],
    ['z9hG4bKg1.a.b ', 'g1'],
    ['z9hG4bKg1.a.b\r\n', 'g1'],
  ];
  for (const [text, node] of foreign) {
    it(`does not take ${JSON.stringify(text)} for ours`, () => {
      assert.equal(parseBranch(text), undefined);
      assert.equal(nodeOfBranch(text), node);
    });
  }
});
