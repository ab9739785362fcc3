import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAddress } from '@sallyport/shared/net/address.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import { isForbidden } from '@sallyport/shared/net/target.ts';

//  address            forbidden with nothing configured
const rows: readonly (readonly [string, boolean])[] = [
  ['0.0.0.0', true],
  ['0.1.2.3', true],
  ['223.255.255.255', false],
  ['224.0.0.1', true],
  ['240.0.0.1', true],
  ['255.255.255.255', true],
  ['::', true],
  ['::ffff:0.0.0.0', true],
  ['ff02::1', true],
  ['127.0.0.1', false],
  ['10.0.0.1', false],
  ['::1', false],
];

describe('addresses never to connect to (RFC 6890)', () => {
  for (const [text, forbidden] of rows) {
    it(`${text}: ${forbidden ? 'never' : 'unless configured'}`, () => {
      const address = parseAddress(text);
      assert.ok(address);
      assert.equal(isForbidden(address, new NetworkSet([])), forbidden);
    });
  }
});
