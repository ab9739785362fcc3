import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatBranch } from '@sallyport/shared/sip/proxy/branch.ts';
import { findLoop, type LoopFields, loopHash } from '@sallyport/shared/sip/proxy/loop-detection.ts';
import fc from 'fast-check';

const SEED = 'seed';
const REQUEST: LoopFields = {
  requestUri: 'sip:bob@biloxi.example.com',
  routes: ['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>'],
  callId: 'a84b4c76e66710',
  fromTag: '1928301774',
  toTag: '',
  cseqNumber: 314_159,
};

describe('loop detection (RFC 5393 §4.2)', () => {
  const hash = loopHash(REQUEST, SEED);
  const own = (loop: string) => formatBranch({ node: 'g1', unique: 'u1', loop });

  it('finds the same request among the branches of our Via values', () => {
    assert.equal(findLoop([own('other'), own(loopHash({ ...REQUEST }, SEED))], hash), true);
  });

  it('finds nothing where we have not been before', () => {
    assert.equal(findLoop([], hash), false);
    assert.equal(findLoop(['z9hG4bK776asdhds', ''], hash), false);
  });

  const spirals: readonly (readonly [string, Partial<LoopFields>])[] = [
    ['Request-URI', { requestUri: 'sip:carol@biloxi.example.com' }],
    ['one Route fewer', { routes: ['<sip:p2.example.com;lr>'] }],
    ['Route in other order', { routes: [...REQUEST.routes].reverse() }],
    ['Call-ID', { callId: 'b' }],
    ['From tag', { fromTag: 'b' }],
    ['To tag', { toTag: 'b' }],
    ['CSeq number', { cseqNumber: 314_160 }],
    ['the border between two fields', { callId: 'a84b4c76e667', fromTag: '101928301774' }],
  ];
  for (const [what, change] of spirals) {
    it(`lets a spiral pass: another ${what}`, () => {
      assert.equal(findLoop([own(hash)], loopHash({ ...REQUEST, ...change }, SEED)), false);
    });
  }

  it('depends on the seed of the site', () => {
    assert.notEqual(loopHash(REQUEST, SEED), loopHash(REQUEST, `${SEED}!`));
  });

  it('gives a branch part of sixteen hexadecimal digits, hardly ever the same', () => {
    const seen = new Map<string, string>();
    const text = fc.string({ maxLength: 24 });
    fc.assert(
      fc.property(text, text, (requestUri, callId) => {
        const loop = loopHash({ ...REQUEST, requestUri, callId }, SEED);
        assert.match(loop, /^[0-9a-f]{16}$/);
        const fields = JSON.stringify([requestUri, callId]);
        assert.equal(seen.get(loop) ?? fields, fields);
        seen.set(loop, fields);
      }),
      { seed: 3261, numRuns: 5000 },
    );
  });
});
