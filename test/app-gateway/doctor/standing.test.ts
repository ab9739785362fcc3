import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { standing } from '@sallyport/app-gateway/doctor/standing.ts';
import { planned } from '../plan/site-on-a-network.ts';

const plan = planned();

//  zone         named        addresses of the machine          host that it is, or why not
const table: readonly (readonly [
  string,
  string | undefined,
  readonly string[],
  string | RegExp,
])[] = [
  ['outer-dmz', undefined, ['192.0.2.11', '10.1.0.11'], 'edge-a'],
  ['outer-dmz', 'edge-a', ['192.0.2.11'], 'edge-a'],
  ['outer-dmz', undefined, ['192.0.2.99'], ''],
  ['internet', undefined, ['198.51.100.7'], ''],
  ['intranet', 'sip-server', ['10.3.0.40'], 'sip-server'],
  ['dmz', undefined, ['192.0.2.11'], /no zone dmz: it has internet, outer-dmz/],
  [
    'inner-dmz',
    undefined,
    ['192.0.2.11'],
    /no address of the zone inner-dmz; it has 192\.0\.2\.11/,
  ],
  ['internet', undefined, ['192.0.2.11'], /no address of the zone internet/],
  ['outer-dmz', undefined, [], /it has none/],
  ['outer-dmz', 'moon', ['192.0.2.11'], /the plan has no host moon/],
  ['outer-dmz', 'edge-b', ['192.0.2.11'], /this machine is not edge-b/],
  ['outer-dmz', 'app-a', ['192.0.2.11'], /app-a stands in the zone inner-dmz/],
];

describe('where a machine stands', () => {
  for (const [zone, named, addresses, expected] of table) {
    it(`${zone} as ${named ?? 'whoever it is'} with ${addresses.join() || 'nothing'}`, () => {
      const here = standing(plan, zone, named, addresses);
      if (expected instanceof RegExp) {
        assert.ok(!here.ok);
        assert.match(here.error, expected);
      } else {
        assert.ok(here.ok);
        assert.equal(here.value.host ?? '', expected);
      }
    });
  }

  it('only addresses of the zone count as its own', () => {
    const here = standing(plan, 'outer-dmz', undefined, ['203.0.113.5', '10.1.0.11']);
    assert.ok(here.ok);
    assert.deepEqual(here.value.addresses, ['10.1.0.11']);
  });
});
