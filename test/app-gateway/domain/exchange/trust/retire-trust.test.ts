import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedTrustOf } from '@sallyport/app-gateway/domain/exchange/trust/accepted-trust.ts';
import { retireTrust } from '@sallyport/app-gateway/domain/exchange/trust/retire-trust.ts';
import { stageTrust } from '@sallyport/app-gateway/domain/exchange/trust/stage-trust.ts';
import {
  ann,
  codeOf,
  DAY_MS,
  done,
  NOW_MS,
  olga,
  partner,
  settings,
  sighting,
  trustSet,
} from '../exchange-fixture.ts';

const two = partner([trustSet('t1', 'active'), trustSet('t2', 'seen')]);
const one = partner([trustSet('t1', 'active'), trustSet('t2', 'verified')]);
const force = { reason: 'agreed by telephone' };
const young = sighting('t1', 7 * DAY_MS - 1);

const rows = [
  ['never seen', two, [], 'done'],
  ['seen less than seven days ago', two, [young], 'trust-still-used'],
  ['seen seven days ago', two, [sighting('t1', 7 * DAY_MS)], 'done'],
  ['seen with another partner', two, [{ ...young, partner: 'initech' }], 'done'],
  ['another set was seen', two, [sighting('t2', 0)], 'done'],
  ['a key of ours was seen', two, [{ ...young, direction: 'presented' as const }], 'done'],
  ['the last', one, [], 'trust-last'],
] as const;

describe('a set is retired', () => {
  for (const [what, record, sightings, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      const retirement = { set: 't1', sightings, unusedDays: 7 };
      assert.equal(codeOf(retireTrust(record, retirement, ann, NOW_MS)), expected);
    });
  }

  it('says when, from where and over which proxy it was used last', () => {
    const older = sighting('t1', 6 * DAY_MS, { lastSource: '192.0.2.9' });
    const latest = sighting('t1', DAY_MS);
    const retirement = { set: 't1', sightings: [older, latest], unusedDays: 7 };
    const refused = retireTrust(two, retirement, ann, NOW_MS);
    assert.equal(
      !refused.ok && refused.error.message,
      't1 of globex was used on 2026-05-31 12:00 UTC from 192.0.2.7 over edge-1',
    );
  });

  it('by force though it is in use, with the reason kept', () => {
    const retirement = { set: 't1', sightings: [young], unusedDays: 7, force };
    assert.equal(codeOf(retireTrust(two, retirement, ann, NOW_MS)), 'officer-needed');
    const { record, events } = done(retireTrust(two, retirement, olga, NOW_MS));
    assert.deepEqual(
      acceptedTrustOf(record).map(({ id }) => id),
      ['t2'],
    );
    assert.equal(events[0].detail['forced'], force.reason);
  });

  it('never the last one, not even by force', () => {
    const retirement = { set: 't1', sightings: [], unusedDays: 7, force };
    assert.equal(codeOf(retireTrust(one, retirement, olga, NOW_MS)), 'trust-last');
  });
});

describe('what is accepted', () => {
  it('is eight sets at most', () => {
    const sets = (count: number) =>
      partner([
        ...Array.from({ length: count }, (_, n) => trustSet(`t${n + 2}`, 'active')),
        trustSet('t1', 'verified'),
      ]);
    assert.equal(codeOf(stageTrust(sets(7), 't1', ann, NOW_MS)), 'done');
    assert.equal(codeOf(stageTrust(sets(8), 't1', ann, NOW_MS)), 'trust-accepted-max');
  });

  it('is tried newest first', () => {
    assert.deepEqual(
      acceptedTrustOf(two).map(({ id }) => id),
      ['t2', 't1'],
    );
  });

  it('is nothing of a partner that is severed or switched off', () => {
    const severed = { atMs: 1, operator: 'ann', reason: 'breach' };
    assert.deepEqual(acceptedTrustOf({ ...two, severed }), []);
    assert.deepEqual(acceptedTrustOf({ ...two, settings: settings({ enabled: false }) }), []);
  });
});
