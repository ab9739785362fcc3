import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  causeText,
  isFull,
  unavailable,
} from '@sallyport/app-gateway/adapters/database/store-failure.ts';

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
  // As PGlite's file system throws them.
  ['a full disk below the database', { errno: 51 }, 'no space left on the disk (ENOSPC)'],
  ['another fault of the disk', { errno: 29 }, 'EIO'],
  ['a number of something else', { errno: 7 }, 'unknown reason'],
  ['a message of any length', new Error('x'.repeat(5000)), 'x'.repeat(300)],
];

const FULL: readonly (readonly [string, unknown, boolean])[] = [
  ['a disk', Object.assign(new Error('write'), { code: 'ENOSPC' }), true],
  ['a quota', Object.assign(new Error('write'), { code: 'EDQUOT' }), true],
  ['the disk of a server', Object.assign(new Error('could not extend'), { code: '53100' }), true],
  ['the disk below the embedded database', { errno: 51 }, true],
  ['another error', refused, false],
  ['another error of the embedded database', { errno: 29 }, false],
  ['nothing', undefined, false],
];

describe('want of room', () => {
  for (const [what, cause, expected] of FULL) {
    it(what, () => assert.equal(isFull(cause), expected));
  }
});

describe('a failure of the database in one line', () => {
  for (const [what, cause, text] of rows) {
    it(what, () => {
      assert.deepEqual(unavailable(cause), { code: 'unavailable', reason: text });
    });
  }
});
