import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlySet } from '@sallyport/app-gateway/commands/partner/partner-step.ts';
import { partner, trustSet } from '../../domain/exchange/exchange-fixture.ts';

describe('the set that a step means', () => {
  const record = partner([]);
  const rows = [
    ['verify', ['received'], 'no set of globex waits to be verified: there is nothing to verify'],
    [
      'stage',
      ['verified'],
      'no set of globex is verified and waits to be staged: there is nothing to stage',
    ],
    ['activate', ['seen'], 'no handshake of globex has used a new set yet: there is nothing to'],
    ['activate', ['staged', 'seen'], 'no set of globex is staged: there is nothing to activate'],
  ] as const;
  for (const [step, states, message] of rows) {
    it(`says what has not happened yet: ${step} of ${states.join(' or ')}`, () => {
      const found = onlySet(record, undefined, step, states);
      assert.ok(!found.ok);
      assert.equal(found.error.code, 'trust-none');
      assert.ok(found.error.message.startsWith(message), found.error.message);
    });
  }

  it('says how far the sets are that it cannot mean', () => {
    const half = {
      ...trustSet('t2', 'received'),
      verifications: [{ operator: 'bob', atMs: 0, method: 'words' as const }],
    };
    const sets = [trustSet('t0', 'retired'), trustSet('t1', 'staged'), half];
    const found = onlySet(partner(sets), undefined, 'stage', ['verified']);
    assert.match(
      found.ok ? '' : found.error.message,
      /waits to be staged \(t1 is staged, t2 is verified by bob alone\): there is nothing to stage$/,
    );
  });
});
