import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PLAN_BYTES_MAX, readPlan } from '@sallyport/app-gateway/doctor/read-plan.ts';
import { planned } from '../plan/site-on-a-network.ts';

describe('matrix.json', () => {
  it('a plan comes back as it was written, with the hash of its bytes', () => {
    const plan = planned();
    const text = JSON.stringify(plan);
    const read = readPlan(Buffer.from(text));
    assert.ok(read.ok);
    assert.deepEqual(read.value.plan, plan);
    const other = readPlan(Buffer.from(`${text}\n`));
    assert.ok(other.ok);
    assert.notEqual(other.value.sha256, read.value.sha256);
    assert.match(read.value.sha256, /^[0-9a-f]{64}$/);
  });

  const plan = planned();
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['no JSON', '{', /is no JSON/],
    ['another format', JSON.stringify({ ...plan, format: 'x' }), /format/],
    [
      'the form of an older program',
      JSON.stringify({ ...plan, format: 'sallyport-network-plan-1' }),
      /sallyport-network-plan-1, .*make the plan anew/,
    ],
    [
      'the form of a newer program',
      JSON.stringify({ ...plan, format: 'sallyport-network-plan-3' }),
      /sallyport-network-plan-3, .*make the plan anew/,
    ],
    [
      'a kind of flow that is none',
      JSON.stringify({ ...plan, flows: [{ ...plan.flows[0], kind: 'partner' }] }),
      /flows\.0\.kind/,
    ],
    [
      'a zone that is none',
      JSON.stringify({ ...plan, zones: [{ name: 'moon', networks: [] }] }),
      /zones/,
    ],
    [
      'a port that is none',
      JSON.stringify({ ...plan, sockets: [{ ...plan.sockets[0], port: 65_536 }] }),
      /sockets\.0\.port/,
    ],
    [
      'an address that is none',
      JSON.stringify({ ...plan, sockets: [{ ...plan.sockets[0], address: 'x' }] }),
      /sockets\.0\.address/,
    ],
    ['more than it may hold', ' '.repeat(PLAN_BYTES_MAX + 1), /is larger than/],
  ];
  for (const [what, text, why] of wrong) {
    it(`refuses ${what}, and says where`, () => {
      const read = readPlan(Buffer.from(text));
      assert.ok(!read.ok);
      assert.match(read.error, why);
    });
  }
});
