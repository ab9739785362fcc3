import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isAccepted, type TrustState } from '@sallyport/app-gateway/config/trust-state.ts';

const rows: readonly (readonly [TrustState, boolean])[] = [
  ['received', false],
  ['verified', false],
  ['staged', true],
  ['seen', true],
  ['active', true],
  ['retired', false],
  ['rejected', false],
];

for (const [state, accepted] of rows) {
  it(`lets handshakes in while ${state}: ${accepted}`, () => {
    assert.equal(isAccepted({ state }), accepted);
  });
}
