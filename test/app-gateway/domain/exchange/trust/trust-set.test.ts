import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  isAccepted,
  type TrustSet,
  type TrustState,
} from '@sallyport/app-gateway/domain/exchange/trust/trust-set.ts';

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
    assert.equal(isAccepted({ state } as TrustSet), accepted);
  });
}
