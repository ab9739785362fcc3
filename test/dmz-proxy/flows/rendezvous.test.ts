import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { choose, hashBytes, hashName } from '@sallyport/dmz-proxy/flows/rendezvous.ts';
import fc from 'fast-check';

const candidate = (name: string) => ({ name, nameHash: hashName(name) });
const THREE = ['gateway-1/0', 'gateway-2/0', 'gateway-3/0'].map(candidate);
const keyOf = (i: number) => hashName(`call-${i}@globex.example`);

describe('rendezvous hashing of Call-IDs', () => {
  it('chooses none of none', () => {
    assert.equal(choose(1, []), undefined);
  });

  it('hashes bytes in place as FNV-1a does', () => {
    const bytes = Buffer.from('xxfoobarxx');
    assert.equal(hashBytes(bytes, 2, 8), 0xbf_9c_f9_68);
  });

  it('spreads calls evenly: each of three gets between 28 and 39 of a hundred', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const name = choose(keyOf(i), THREE)?.name ?? '';
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const count of counts.values()) assert.ok(count > 840 && count < 1170, String(count));
  });

  it('does not care for order, and a loss moves only the calls of the lost', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(2), (key, lost) => {
        const chosen = choose(keyOf(key), THREE);
        assert.equal(choose(keyOf(key), [...THREE].reverse()), chosen);
        const rest = THREE.filter((_, i) => i !== lost);
        if (chosen !== THREE[lost]) assert.equal(choose(keyOf(key), rest), chosen);
      }),
      { seed: 7 },
    );
  });
});
