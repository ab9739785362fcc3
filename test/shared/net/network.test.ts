import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NetworkSet, networksOverlap, parseNetwork } from '@sallyport/shared/net/network.ts';
import fc from 'fast-check';

//  network                 address               contained
const rows: readonly (readonly [string, string, boolean])[] = [
  ['192.0.2.0/24', '192.0.2.0', true],
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.6', false],
  ['192.0.2.7/32', '::ffff:192.0.2.7', true],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['128.0.0.0/1', '255.0.0.1', true],
  ['128.0.0.0/1', '127.255.255.255', false],
  ['::/0', '2001:db8::1', true],
  ['::/0', '192.0.2.1', false],
  ['::ffff:192.0.2.0/120', '192.0.2.9', true],
  ['::ffff:0.0.0.0/96', '192.0.2.9', true],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::', false],
  ['2001:db8:0:8000::/49', '2001:db8:0:ffff::1', true],
  ['2001:db8:0:8000::/49', '2001:db8:0:7fff::1', false],
  ['2001:db8::1', '2001:db8::1', true],
  ['2001:db8::1', '2001:db8::2', false],
  ['10.0.0.0/8', 'no address', false],
];

//  text               fault
const faults: readonly (readonly [string, string])[] = [
  ['', 'network-address-malformed'],
  ['10/8', 'network-address-malformed'],
  ['10.0.0.0 /8', 'network-address-malformed'],
  ['10.0.0.0/', 'network-prefix-malformed'],
  ['10.0.0.0/33', 'network-prefix-malformed'],
  ['10.0.0.0/08', 'network-prefix-malformed'],
  ['10.0.0.0/-1', 'network-prefix-malformed'],
  ['10.0.0.0/8/8', 'network-prefix-malformed'],
  ['10.0.0.0/255.0.0.0', 'network-prefix-malformed'],
  ['::/129', 'network-prefix-malformed'],
  ['::ffff:10.0.0.0/8', 'network-prefix-malformed'],
  ['10.0.0.1/8', 'network-host-bits-set'],
  ['2001:db8::1/64', 'network-host-bits-set'],
];

describe('networks', () => {
  for (const [network, address, contained] of rows) {
    it(`${network} ${contained ? 'holds' : 'does not hold'} ${address}`, () => {
      const set = NetworkSet.parse([network]);
      assert.ok(set.ok);
      assert.equal(set.value.contains(address), contained);
    });
  }

  for (const [text, fault] of faults) {
    it(`${JSON.stringify(text)} is refused as ${fault}`, () => {
      assert.deepEqual(parseNetwork(text), { ok: false, error: fault });
    });
  }

  it('a list is refused whole, naming the text that is wrong', () => {
    assert.deepEqual(NetworkSet.parse(['10.0.0.0/8', 'x']), {
      ok: false,
      error: { text: 'x', fault: 'network-address-malformed' },
    });
  });

  it('two overlap exactly when one holds an address of the other', () => {
    const bits = fc.nat(32);
    fc.assert(
      fc.property(fc.nat(0xff_ff_ff_ff), fc.nat(0xff_ff_ff_ff), bits, bits, (a, b, m, n) => {
        const networks = (
          [
            [a, m],
            [b, n],
          ] as const
        ).map(([word, prefix]) => {
          const host = 2 ** (32 - prefix);
          const base = Math.floor(word / host) * host;
          const network = parseNetwork(`${dotted(base)}/${prefix}`);
          assert.ok(network.ok);
          return { network: network.value, first: base, last: base + host - 1 };
        });
        const [one, other] = networks;
        assert.ok(one !== undefined && other !== undefined);
        const expected = one.first <= other.last && other.first <= one.last;
        assert.equal(networksOverlap(one.network, other.network), expected);
        assert.equal(networksOverlap(other.network, one.network), expected);
      }),
    );
  });

  it('the empty set holds nothing', () => {
    const set = new NetworkSet([]);
    assert.equal(set.isEmpty, true);
    assert.equal(set.contains('192.0.2.1'), false);
  });

  it('an IPv4 address is in a network exactly when the prefix bits agree', () => {
    fc.assert(
      fc.property(fc.nat(0xff_ff_ff_ff), fc.nat(0xff_ff_ff_ff), fc.nat(32), (a, b, bits) => {
        const host = 2 ** (32 - bits);
        const base = Math.floor(a / host) * host;
        const network = parseNetwork(`${dotted(base)}/${bits}`);
        assert.ok(network.ok);
        const expected = Math.floor(b / host) * host === base;
        assert.equal(new NetworkSet([network.value]).contains(dotted(b)), expected);
      }),
    );
  });
});

function dotted(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff).join('.');
}
