import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownerKey } from '@sallyport/shared/net/owner-key.ts';

describe('whose an address is', () => {
  for (const [address, key] of [
    ['192.0.2.7', '192.0.2.0/24'],
    ['255.255.255.255', '255.255.255.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.0/24'],
    ['2001:db8:7:ffff::1', '2001:db8:7::/48'],
    ['2001:db8:8000:1:2:3:4:5', '2001:db8:8000::/48'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff::/48'],
    ['nobody', 'unknown'],
  ] as const) {
    it(`${address}: ${key}`, () => assert.equal(ownerKey(address), key));
  }
});
