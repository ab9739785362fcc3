import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayBeDialled } from '@sallyport/dmz-proxy/outbound/reserved-networks.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';

describe('an address that a partner names', () => {
  for (const [address, may] of [
    ['192.0.2.7', true],
    ['2001:db8::7', true],
    ['10.1.2.3', false],
    ['127.0.0.1', false],
    ['169.254.169.254', false],
    ['172.31.255.255', false],
    ['172.32.0.1', true],
    ['192.168.1.1', false],
    ['::1', false],
    ['fd00::1', false],
    ['fe80::1', false],
    ['::ffff:10.0.0.1', false],
    ['64:ff9b::a00:1', false],
    ['2002:a00:1::1', false],
    ['::10.0.0.1', false],
    ['::ffff:0:10.0.0.1', false],
    ['2001:0:4136:e378::1', false],
    ['2001:1::1', true],
    ['fec0::1', false],
  ] as const) {
    it(`${address} may ${may ? '' : 'not '}be dialled`, () => {
      assert.equal(mayBeDialled(address, undefined), may);
    });
  }

  it('may be reserved where the operator agreed to it, and there alone', () => {
    const agreed = NetworkSet.parse(['10.9.0.0/16']);
    assert.ok(agreed.ok);
    assert.equal(mayBeDialled('10.9.1.1', agreed.value), true);
    assert.equal(mayBeDialled('10.8.1.1', agreed.value), false);
  });
});
