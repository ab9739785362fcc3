import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usersOf } from '@sallyport/app-gateway/ledger/bodies/body-users.ts';
import { requestIndex } from './request-index.ts';

//  From                                               users besides To and Request-URI
const ROWS: readonly (readonly [string, string])[] = [
  ['<sip:alice@globex.example>;tag=1', 'alice@globex.example'],
  ['"Alice <sip:x@y.example>" <sips:alice@globex.example:5061;lr>', 'alice@globex.example'],
  ['<sip:%61lice@globex.example>', 'alice@globex.example'],
  ['<sip:j%C3%BCrg@globex.example>', 'j\u00fcrg@globex.example'],
  ['sip:alice@globex.example;tag=1', 'alice@globex.example'],
  ['<im:alice@globex.example?x>', 'alice@globex.example'],
];

describe('who a request is about', () => {
  for (const [from, user] of ROWS) {
    it(from, () => {
      const users = usersOf(requestIndex({ from }));
      assert.deepEqual(users, [user, 'bob@acme.example', 'bob@acme.example']);
    });
  }

  it('is the others alone where the From cannot be read', () => {
    assert.deepEqual(usersOf(requestIndex({ from: '<<' })), [
      'bob@acme.example',
      'bob@acme.example',
    ]);
  });

  it('is whoever it really goes to, whatever the To says', () => {
    assert.deepEqual(usersOf(requestIndex({ to: '<sip:nobody@x.example>' })), [
      'alice@globex.example',
      'nobody@x.example',
      'bob@acme.example',
    ]);
  });
});
