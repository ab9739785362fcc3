import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrustState } from '@sallyport/app-gateway/config/trust-state.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import { noteSeen } from '@sallyport/app-gateway/domain/exchange/sighting/note-seen.ts';
import { activateTrust } from '@sallyport/app-gateway/domain/exchange/trust/activate-trust.ts';
import { rejectTrust } from '@sallyport/app-gateway/domain/exchange/trust/reject-trust.ts';
import { retireTrust } from '@sallyport/app-gateway/domain/exchange/trust/retire-trust.ts';
import { stageTrust } from '@sallyport/app-gateway/domain/exchange/trust/stage-trust.ts';
import { verifyTrust } from '@sallyport/app-gateway/domain/exchange/trust/verify-trust.ts';
import {
  ann,
  codeOf,
  DAY_MS,
  NOW_MS,
  olga,
  partner,
  program,
  sighting,
  TRUST_STATES,
  trustSet,
} from '../exchange-fixture.ts';

const FORCE = { reason: 'connects once a month' };
const NONE = { sightings: [], unusedDays: 7 };

/** The state of t1 after a step, or why the step was refused; t0 is another set that is accepted. */
const STEPS: Readonly<Record<string, (record: PartnerRecord) => string>> = {
  verify: (record) => {
    const hex = record.trustSets[1]?.fingerprint ?? '';
    const outcome = verifyTrust(record, { set: 't1', method: 'fingerprint', hex }, ann, NOW_MS);
    return outcome.ok ? stateOf(outcome.value.record) : codeOf(outcome);
  },
  stage: (record) => after(stageTrust(record, 't1', ann, NOW_MS)),
  see: (record) => {
    const noted = noteSeen(record, sighting('t1', 0), program, NOW_MS);
    return noted === undefined ? 'nothing' : stateOf(noted.record);
  },
  activate: (record) => after(activateTrust(record, 't1', undefined, ann, NOW_MS)),
  'activate by force': (record) => after(activateTrust(record, 't1', FORCE, olga, NOW_MS)),
  retire: (record) => after(retireTrust(record, { set: 't1', ...NONE }, ann, NOW_MS)),
  reject: (record) => after(rejectTrust(record, 't1', 'not theirs', ann, NOW_MS)),
};

const no = 'trust-state';
// biome-ignore format: a table is read in columns.
const TABLE: Readonly<Record<string, readonly string[]>> = {
  //                    received    verified    staged     seen       active     retired    rejected
  verify:              ['verified', no,         no,        no,        no,        no,        no],
  stage:               [no,         'staged',   no,        no,        no,        no,        no],
  see:                 ['nothing',  'nothing',  'seen',    'nothing', 'nothing', 'nothing', 'nothing'],
  activate:            [no,         no,         no,        'active',  no,        no,        no],
  'activate by force': [no,         no,         'active',  'active',  no,        no,        no],
  retire:              [no,         no,         'retired', 'retired', 'retired', no,        no],
  reject:              ['rejected', 'rejected', no,        no,        no,        no,        no],
};

describe('a set of keys, every state and every step', () => {
  for (const [step, outcomes] of Object.entries(TABLE)) {
    for (const [index, state] of TRUST_STATES.entries()) {
      it(`${state}, ${step}: ${outcomes[index]}`, () => {
        assert.equal(STEPS[step]?.(inState(state)), outcomes[index]);
      });
    }
  }

  it('knows no set that is not there', () => {
    assert.equal(codeOf(stageTrust(partner(), 't9', ann, NOW_MS)), 'trust-unknown');
  });

  it('says what to do next', () => {
    const refused = stageTrust(inState('received'), 't1', ann, NOW_MS);
    assert.deepEqual(!refused.ok && [refused.error.message, refused.error.next], [
      't1 of globex is received; to stage it must be verified',
      'sallyport partner verify globex',
    ]);
  });
});

describe('a set is seen', () => {
  const staged = partner([trustSet('t1', 'staged')]);
  const rows = [
    ['a sighting of another partner', sighting('t1', 0, { partner: 'initech' })],
    ['a sighting of our own key', sighting('t1', 0, { direction: 'presented' })],
    ['another set', sighting('t2', 0)],
    ['a handshake before it was staged', sighting('t1', 31 * DAY_MS)],
  ] as const;
  for (const [what, seen] of rows) {
    it(`not by ${what}`, () => {
      assert.equal(noteSeen(staged, seen, program, NOW_MS), undefined);
    });
  }
});

describe('force', () => {
  const staged = inState('staged');
  it('is an officer\u2019s', () => {
    assert.equal(codeOf(activateTrust(staged, 't1', FORCE, ann, NOW_MS)), 'officer-needed');
  });
  it('has a reason', () => {
    const silent = { reason: '  ' };
    assert.equal(codeOf(activateTrust(staged, 't1', silent, olga, NOW_MS)), 'reason-needed');
  });
});

/** t1 in that state, and one word of two already given where it waits for the second. */
function inState(state: TrustState): PartnerRecord {
  const set = { ...trustSet('t1', state), verifications: [] };
  const first = { operator: 'bob', atMs: NOW_MS, method: 'words' as const };
  const waiting = state === 'received' ? { ...set, verifications: [first] } : set;
  return partner([trustSet('t0', 'active'), waiting]);
}

function stateOf(record: PartnerRecord): string {
  return record.trustSets.find(({ id }) => id === 't1')?.state ?? 'gone';
}

function after(outcome: ReturnType<typeof stageTrust>): string {
  return outcome.ok ? stateOf(outcome.value.record) : codeOf(outcome);
}
