import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { TrustSet } from '@sallyport/app-gateway/domain/exchange/trust/trust-set.ts';
import {
  type TypedFingerprint,
  verifyTrust,
} from '@sallyport/app-gateway/domain/exchange/trust/verify-trust.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import {
  ann,
  bob,
  codeOf,
  done,
  NOW_MS,
  partner,
  person,
  program,
  trustSet,
} from '../exchange-fixture.ts';

const fresh = partner([trustSet('t1', 'received')]);
const right = trustSet('t1', 'received').fingerprint;
const other = right.replace(/./, (digit) => (digit === '0' ? '1' : '0'));
const typed = (method: TypedFingerprint['method'], hex: string) => ({ set: 't1', method, hex });

const rows = [
  ['the whole fingerprint', typed('fingerprint', right), 'first-of-two'],
  ['the same in capitals', typed('fingerprint', right.toUpperCase()), 'first-of-two'],
  ['one digit less', typed('fingerprint', right.slice(0, 63)), 'fingerprint-malformed'],
  ['one digit more', typed('fingerprint', `${right}0`), 'fingerprint-malformed'],
  ['what is not hexadecimal', typed('fingerprint', 'x'.repeat(64)), 'fingerprint-malformed'],
  ['another fingerprint', typed('fingerprint', other), 'wrong'],
  ['words of 64 bits', typed('words', right.slice(0, 16)), 'first-of-two'],
  ['words of 60 bits', typed('words', right.slice(0, 15)), 'fingerprint-malformed'],
  ['other words', typed('words', other.slice(0, 20)), 'wrong'],
] as const;

describe('a fingerprint is compared', () => {
  for (const [what, input, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      const outcome = verifyTrust(fresh, input, ann, NOW_MS);
      assert.equal(outcome.ok ? outcome.value.outcome : outcome.error.code, expected);
    });
  }

  describe('of a partner without Sallyport', () => {
    const der = Buffer.from('a root');
    const pem = encodePem(der, 'CERTIFICATE');
    const digest = hash('sha256', der, 'hex');
    const root: TrustSet = { ...trustSet('t1', 'received'), anchors: [pem], pins: [] };
    const sets: readonly (readonly [string, TrustSet, 'first-of-two' | 'wrong'])[] = [
      ['one root', root, 'first-of-two'],
      ['one root and intermediates', { ...root, intermediates: [pem] }, 'first-of-two'],
      ['two roots', { ...root, anchors: [pem, pem] }, 'wrong'],
      ['a root and a pin', { ...root, pins: ['pin'] }, 'wrong'],
      ['a root and a signing key', { ...root, signingKeys: ['key'] }, 'wrong'],
    ];
    for (const [what, set, expected] of sets) {
      it(`${what}, by the SHA-256 of the root: ${expected}`, () => {
        const heard = typed('fingerprint', digest);
        const outcome = done(verifyTrust(partner([set]), heard, ann, NOW_MS));
        assert.equal(outcome.outcome, expected);
      });
    }

    it('never by the first digits alone', () => {
      const heard = typed('words', digest.slice(0, 20));
      assert.equal(done(verifyTrust(partner([root]), heard, ann, NOW_MS)).outcome, 'wrong');
    });
  });

  it('by two different people', () => {
    const first = done(verifyTrust(fresh, typed('fingerprint', right), ann, NOW_MS));
    const again = verifyTrust(first.record, typed('words', right.slice(0, 20)), ann, NOW_MS);
    assert.equal(codeOf(again), 'verifier-twice');
    const second = done(verifyTrust(first.record, typed('words', right.slice(0, 20)), bob, NOW_MS));
    assert.equal(second.outcome, 'verified');
    assert.deepEqual(second.events[0].detail['verifiedBy'], ['ann', 'bob']);
    assert.deepEqual(
      second.record.trustSets.map(({ state, verifications }) => [state, verifications.length]),
      [['verified', 2]],
    );
  });

  it('by nobody who only reads, and by no program', () => {
    for (const actor of [program, person('eve', 'auditor')]) {
      const outcome = verifyTrust(fresh, typed('fingerprint', right), actor, NOW_MS);
      assert.equal(codeOf(outcome), 'operator-needed');
    }
  });

  it('and a wrong one is written down, the fifth rejects the set', () => {
    let record = fresh;
    const outcomes: string[] = [];
    for (let n = 0; n < 5; n++) {
      const step = done(
        verifyTrust(record, typed('fingerprint', other), n % 2 ? ann : bob, NOW_MS),
      );
      assert.equal(step.events[0].kind, 'trust-verification-failed');
      assert.ok(step.refusal !== undefined);
      outcomes.push(step.refusal.code);
      record = step.record;
    }
    assert.deepEqual(outcomes, [
      ...Array.from({ length: 4 }, () => 'fingerprint-wrong'),
      'fingerprint-rejected',
    ]);
    assert.equal(record.trustSets[0]?.state, 'rejected');
    assert.equal(
      codeOf(verifyTrust(record, typed('fingerprint', right), ann, NOW_MS)),
      'trust-state',
    );
  });
});
