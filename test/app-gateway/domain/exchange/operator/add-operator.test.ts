import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { actorOf } from '@sallyport/app-gateway/domain/exchange/actor.ts';
import { addOperator } from '@sallyport/app-gateway/domain/exchange/operator/add-operator.ts';
import { disableOperator } from '@sallyport/app-gateway/domain/exchange/operator/disable-operator.ts';
import type { OperatorRole } from '@sallyport/app-gateway/domain/exchange/operator/operator-record.ts';
import { ann, codeOf, done, NOW_MS, olga, program } from '../exchange-fixture.ts';

const pem = (type: 'ed25519' | 'x25519' = 'ed25519') =>
  (type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')).publicKey
    .export({ type: 'spki', format: 'pem' })
    .toString();
const draft = (name: string, role: OperatorRole = 'operator', publicKeyPem = pem()) => ({
  name,
  role,
  publicKeyPem,
});
const first = done(addOperator([], draft('olga', 'officer'), program, NOW_MS)).record;

describe('an operator is added', () => {
  const rows = [
    ['the first as officer', [], draft('ann', 'officer'), program, 'done'],
    ['the first as operator', [], draft('ann'), program, 'first-operator-officer'],
    ['the second by an officer', [first], draft('ann'), olga, 'done'],
    ['the second by an operator', [first], draft('bob'), ann, 'officer-needed'],
    ['the second by nobody', [first], draft('bob', 'officer'), program, 'officer-needed'],
    ['twice', [first], draft('olga'), olga, 'operator-known'],
    ['with an odd name', [first], draft('An n'), olga, 'operator-name-wrong'],
    ['with another\u2019s key', [first], { ...first, name: 'ann' }, olga, 'operator-key-known'],
    [
      'with another kind of key',
      [first],
      draft('ann', 'operator', pem('x25519')),
      olga,
      'operator-key-wrong',
    ],
    ['without a key', [first], draft('ann', 'operator', ''), olga, 'operator-key-wrong'],
  ] as const;
  for (const [what, operators, record, actor, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      assert.equal(codeOf(addOperator(operators, record, actor, NOW_MS)), expected);
    });
  }

  it('not with a private key in place of the public one', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const outcome = addOperator([], draft('ann', 'officer', secret), program, NOW_MS);
    assert.equal(codeOf(outcome), 'operator-key-wrong');
  });
});

describe('an operator is disabled', () => {
  const otto = done(addOperator([first], draft('otto', 'officer'), olga, NOW_MS)).record;
  const worker = done(addOperator([first], draft('ann'), olga, NOW_MS)).record;
  const rows = [
    ['an operator', [first, worker], 'ann', 'done'],
    ['one of two officers', [first, otto], 'olga', 'done'],
    ['the last officer', [first, worker], 'olga', 'last-officer'],
    [
      'the last that is not disabled',
      [first, { ...otto, isDisabled: true }],
      'olga',
      'last-officer',
    ],
    ['one that is disabled', [first, { ...otto, isDisabled: true }], 'otto', 'nothing-changes'],
    ['nobody', [first], 'eve', 'operator-unknown'],
  ] as const;
  for (const [what, operators, name, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      const outcome = disableOperator(operators, name, 'has left', olga, NOW_MS);
      assert.equal(codeOf(outcome), expected);
    });
  }

  it('by officers only, with a reason', () => {
    const both = [first, worker];
    assert.equal(codeOf(disableOperator(both, 'ann', 'x', ann, NOW_MS)), 'officer-needed');
    assert.equal(codeOf(disableOperator(both, 'ann', '', olga, NOW_MS)), 'reason-needed');
  });

  it('and from then on only reads', () => {
    const author = { kind: 'operator', approval: { operator: 'ann', payload: '', signature: '' } };
    const roleOf = (isDisabled: boolean) =>
      actorOf(author as never, [{ ...worker, isDisabled }]).role;
    assert.deepEqual([roleOf(false), roleOf(true)], ['operator', 'auditor']);
    assert.equal(actorOf(author as never, []).role, 'auditor');
    assert.equal(actorOf({ kind: 'program', node: 'g' }, [worker]).role, 'program');
  });
});
