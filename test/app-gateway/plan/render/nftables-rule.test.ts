import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { counterName, rangeSet } from '@sallyport/app-gateway/plan/render/nftables-rule.ts';

describe('texts of nftables', () => {
  const names: readonly (readonly [id: string, name: string])[] = [
    ['partners>edge-a:tcp/5061', 'flow.partners.to.edge-a/tcp/5061'],
    ['10.3.9.0/24>edge-a:tcp/22', 'flow.10.3.9.0/24.to.edge-a/tcp/22'],
    ['a>b:tcp/1"; drop', 'flow.a.to.b/tcp/1___drop'],
  ];
  for (const [id, name] of names) {
    it(`the counter of ${id} is ${name}`, () => {
      assert.equal(counterName(id), name);
      assert.match(counterName(id), /^[A-Za-z][A-Za-z0-9._/-]*$/);
    });
  }

  it('a set without ranges has no element, which is no syntax error', () => {
    assert.deepEqual(rangeSet('s', 6, []), ['set s { type ipv6_addr; flags interval; }']);
  });
});
