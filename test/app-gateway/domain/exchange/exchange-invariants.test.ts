import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAccepted } from '@sallyport/app-gateway/config/trust-state.ts';
import type { Actor, Change } from '@sallyport/app-gateway/domain/exchange/actor.ts';
import type { ExchangeRefusal } from '@sallyport/app-gateway/domain/exchange/exchange-refusal.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import { restorePartner } from '@sallyport/app-gateway/domain/exchange/partner/restore-partner.ts';
import { severPartner } from '@sallyport/app-gateway/domain/exchange/partner/sever-partner.ts';
import { noteSeen } from '@sallyport/app-gateway/domain/exchange/sighting/note-seen.ts';
import { acceptedTrustOf } from '@sallyport/app-gateway/domain/exchange/trust/accepted-trust.ts';
import { activateTrust } from '@sallyport/app-gateway/domain/exchange/trust/activate-trust.ts';
import { receiveTrust } from '@sallyport/app-gateway/domain/exchange/trust/receive-trust.ts';
import { rejectTrust } from '@sallyport/app-gateway/domain/exchange/trust/reject-trust.ts';
import { retireTrust } from '@sallyport/app-gateway/domain/exchange/trust/retire-trust.ts';
import { stageTrust } from '@sallyport/app-gateway/domain/exchange/trust/stage-trust.ts';
import { verifyTrust } from '@sallyport/app-gateway/domain/exchange/trust/verify-trust.ts';
import type { Result } from '@sallyport/shared/result.ts';
import fc from 'fast-check';
import {
  ann,
  bob,
  deepFrozen,
  NOW_MS,
  olga,
  partner,
  person,
  program,
  received,
  sighting,
  TRUST_STATES,
  trustSet,
} from './exchange-fixture.ts';

type Step = (record: PartnerRecord, nowMs: number) => PartnerRecord;

const MINUTE_MS = 60_000;
const actor: fc.Arbitrary<Actor> = fc.constantFrom(
  ...[ann, bob, olga, program, person('eve', 'auditor')],
);
const setId = fc.integer({ min: 0, max: 2 }).map((number) => `t${number}`);
const reason = fc.constantFrom('', 'a reason');
const force = fc.option(fc.record({ reason }), { nil: undefined });
const age = fc.integer({ min: 0, max: 20 }).map((days) => days * 86_400_000);

/** Whatever a step refuses changes nothing. */
function kept(
  record: PartnerRecord,
  outcome: Result<Change<PartnerRecord>, ExchangeRefusal>,
): PartnerRecord {
  if (!outcome.ok) return record;
  assert.ok(outcome.value.events.length > 0);
  return outcome.value.record;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 5 }), fc.option(fc.integer({ min: 0, max: 9 })), actor).map(
    ([content, sequence, by]): Step =>
      (record, nowMs) => {
        const file = received(`content ${content}`);
        const origin = sequence === null ? file.origin : { ...file.origin, sequence };
        return kept(record, receiveTrust(record, { ...file, origin }, by, nowMs));
      },
  ),
  fc.tuple(setId, fc.nat(9), actor).map(
    ([set, isRight, by]): Step =>
      (record, nowMs) => {
        const fingerprint = record.trustSets.find(({ id }) => id === set)?.fingerprint ?? '';
        const hex = isRight > 0 ? fingerprint : '0'.repeat(64);
        return kept(record, verifyTrust(record, { set, method: 'fingerprint', hex }, by, nowMs));
      },
  ),
  fc.tuple(setId, actor).map(
    ([set, by]): Step =>
      (record, nowMs) =>
        kept(record, stageTrust(record, set, by, nowMs)),
  ),
  setId.map(
    (set): Step =>
      (record, nowMs) => {
        const seen = sighting(set, 0, { lastAtMs: nowMs });
        return noteSeen(record, seen, program, nowMs)?.record ?? record;
      },
  ),
  fc.tuple(setId, force, actor).map(
    ([set, forced, by]): Step =>
      (record, nowMs) =>
        kept(record, activateTrust(record, set, forced, by, nowMs)),
  ),
  fc.tuple(setId, force, actor, age).map(
    ([set, forced, by, ageMs]): Step =>
      (record, nowMs) => {
        const sightings = [sighting(set, 0, { lastAtMs: nowMs - ageMs })];
        const isForced = forced !== undefined;
        const retirement = { set, sightings, unusedDays: 7, ...(isForced && { force: forced }) };
        const after = kept(record, retireTrust(record, retirement, by, nowMs));
        if (after !== record) {
          assert.ok(after.trustSets.some(isAccepted), 'a partner is left with nothing');
          assert.ok(ageMs >= 7 * 86_400_000 || (isForced && by.role === 'officer'));
        }
        return after;
      },
  ),
  fc.tuple(setId, reason, actor).map(
    ([set, why, by]): Step =>
      (record, nowMs) =>
        kept(record, rejectTrust(record, set, why, by, nowMs)),
  ),
  fc.tuple(reason, actor).map(
    ([why, by]): Step =>
      (record, nowMs) =>
        kept(record, severPartner(record, why, by, nowMs)),
  ),
  fc.tuple(reason, actor).map(
    ([why, by]): Step =>
      (record, nowMs) =>
        kept(record, restorePartner(record, why, by, nowMs)),
  ),
);

function checkInvariants(before: PartnerRecord, after: PartnerRecord): void {
  assert.ok(after.receivedSequence >= before.receivedSequence, 'a sequence number fell');
  const ids = after.trustSets.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'a name was given twice');
  for (const set of after.trustSets.filter(isAccepted)) {
    const people = new Set(set.verifications.map(({ operator }) => operator));
    const isVouchedFor = people.size >= 2 && !people.has('gateway-1') && !people.has('eve');
    assert.ok(isVouchedFor || set.origin.format === 'site-file', `${set.id} is accepted by fewer`);
  }
  if (after.severed !== undefined) assert.deepEqual(acceptedTrustOf(after), []);
}

describe('whatever order the steps come in', () => {
  const imported = trustSet('t0', 'active');
  const siteFile = { ...imported, origin: { ...imported.origin, format: 'site-file' as const } };

  for (const [what, first] of [
    ['a new partner', partner()],
    ['one from the site\u2019s files', partner([siteFile])],
  ] as const) {
    it(`holds for ${what}`, () => {
      const reached = new Set<string>();
      fc.assert(
        fc.property(fc.array(step, { minLength: 40, maxLength: 200, size: 'max' }), (steps) => {
          let record = first;
          let nowMs = NOW_MS;
          for (const take of steps) {
            nowMs += MINUTE_MS;
            const after = take(deepFrozen(record), nowMs);
            checkInvariants(record, after);
            for (const { state } of after.trustSets) reached.add(state);
            record = after;
          }
        }),
        { numRuns: 500, seed: 20_260_601 },
      );
      assert.deepEqual([...reached].toSorted(), [...TRUST_STATES].toSorted());
    });
  }
});
