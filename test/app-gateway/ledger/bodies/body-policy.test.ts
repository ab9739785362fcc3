import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BodyRule, recordsBody } from '@sallyport/app-gateway/ledger/bodies/body-policy.ts';

const RULES: readonly BodyRule[] = [
  { name: 'empty' },
  { name: 'traders', partners: ['globex'], users: ['Trader@acme.example', '@desk.acme.example'] },
  { name: 'board', users: ['chair@acme.example'] },
  { name: 'all of initech', partners: ['initech'] },
  { name: 'nobody', partners: [], users: ['chair@acme.example'] },
];

//  partner    users                                       rule
const ROWS: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ['globex', ['Trader@acme.example', 'bob@globex.example'], 'traders'],
  ['globex', ['bob@globex.example', 'Trader@ACME.example'], 'traders'],
  ['globex', ['trader@acme.example'], undefined],
  ['globex', ['any@desk.acme.example'], 'traders'],
  ['globex', ['any@sub.desk.acme.example'], undefined],
  ['globex', ['x@desk.acme.example@evil.example'], undefined],
  ['hooli', ['Trader@acme.example'], undefined],
  ['hooli', ['chair@acme.example'], 'board'],
  ['initech', ['anybody@acme.example'], 'all of initech'],
  ['initech', [], 'all of initech'],
  ['globex', [], undefined],
  ['', [''], undefined],
];

describe('whose bodies are recorded', () => {
  for (const [partner, users, rule] of ROWS) {
    it(`${partner}, ${users.join(' and ') || 'nobody'}: ${rule ?? 'not'}`, () => {
      assert.equal(recordsBody(RULES, { partner, users }), rule);
    });
  }

  it('are nobody’s without a rule', () => {
    assert.equal(recordsBody([], { partner: 'globex', users: ['a@b.example'] }), undefined);
  });
});
