import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import { inboundEvidence } from '@sallyport/app-gateway/domain/exchange/sighting/inbound-evidence.ts';
import type { Sighting } from '@sallyport/app-gateway/domain/exchange/sighting/sighting.ts';
import { DAY_MS, NOW_MS, partner, sighting, trustSet } from '../exchange-fixture.ts';

const RECORD = partner([trustSet('t1', 'active'), trustSet('t2', 'received')]);
const SEVERED: PartnerRecord = {
  ...RECORD,
  severed: { atMs: NOW_MS, operator: 'ann', reason: 'stolen' },
};
const ours: Sighting = { ...sighting('main/k1', 0), direction: 'presented' };
const ending = (days: number): Sighting => ({
  ...sighting('t1', 0),
  notAfterMs: NOW_MS + days * DAY_MS,
});

//  what                             record     sightings                              step               code, or ok
const rows: readonly (readonly [string, PartnerRecord, readonly Sighting[], string, string])[] = [
  ['a set in force', RECORD, [], 'accepted-keys', 'ok'],
  ['no set in force', partner([trustSet('t1', 'verified')]), [], 'accepted-keys', 'trust-none'],
  ['cut off', SEVERED, [], 'accepted-keys', 'trust-none'],
  ['never seen', RECORD, [ours], 'their-handshake', 'never-seen'],
  ['seen seven days ago', RECORD, [sighting('t1', 7 * DAY_MS)], 'their-handshake', 'ok'],
  ['earlier', RECORD, [sighting('t1', 7 * DAY_MS + 1)], 'their-handshake', 'not-seen-lately'],
  ['the key ends in 14 days', RECORD, [ending(14)], 'their-key-ends', 'ok'],
  ['the key ends sooner', RECORD, [ending(13)], 'their-key-ends', 'expires-soon'],
  ['it took our key', RECORD, [ours], 'our-key-taken', 'ok'],
  ['it took none', RECORD, [sighting('t1', 0)], 'our-key-taken', 'never-seen'],
];

describe('what is on record of the way in', () => {
  for (const [what, record, sightings, step, expected] of rows) {
    it(`${what}: ${step} ${expected}`, () => {
      const found = inboundEvidence(record, sightings, [], NOW_MS).find((one) => one.step === step);
      assert.equal(found?.code ?? found?.outcome, expected);
    });
  }

  it('says when, from where and by which key, and over which of our proxies to nobody', () => {
    const young = { ...sighting('t2', 60_000), spki: 'SPKI2=', lastSource: '192.0.2.9' };
    const evidence = inboundEvidence(RECORD, [sighting('t1', DAY_MS), young], [], NOW_MS);
    const seen = evidence.find(({ step }) => step === 'their-handshake')?.seen;
    assert.equal(seen, '2026-06-01 11:59 UTC from 192.0.2.9, set t2, key SHA-256 SPKI2=');
    assert.doesNotMatch(JSON.stringify(evidence), /edge-/);
  });

  it('counts live connections by direction', () => {
    const live = (['inbound', 'outbound', 'inbound'] as const).map((direction) => ({ direction }));
    const seen = inboundEvidence(RECORD, [], live, NOW_MS).at(-1)?.seen;
    assert.equal(seen, '2 from it, 1 to it');
  });
});
