import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causeText, unavailable } from '@sallyport/app-gateway/adapters/database/store-failure.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
  code: 'ECONNREFUSED',
});
const constraint = Object.assign(new Error('duplicate key value\nDETAIL: Key (x)=(secret)'), {
  code: '23505',
  detail: 'Key (x)=(secret)',
});

const rows: readonly (readonly [string, unknown, string])[] = [
  ['a code and a message', refused, 'connect ECONNREFUSED 127.0.0.1:1 (ECONNREFUSED)'],
  ['no details, which quote values', constraint, 'duplicate key value (23505)'],
  ['a dial of several addresses', new AggregateError([refused], ''), causeText(refused)],
  ['an empty dial', new AggregateError([], 'none'), 'none'],
  ['something that is no error', 'text with a secret', 'unknown reason'],
  ['a message of any length', new Error('x'.repeat(5000)), 'x'.repeat(300)],
];

describe('a failure of the database in one line', () => {
  for (const [what, cause, text] of rows) {
    it(what, () => {
      assert.deepEqual(unavailable(cause), { code: 'unavailable', reason: text });
    });
  }
});
