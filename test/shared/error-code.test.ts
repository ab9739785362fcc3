import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { errorCode } from '@sallyport/shared/error-code.ts';

describe('the word for what was thrown', () => {
  const rows = [
    ['an error with one', Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['an error without', new Error('x'), undefined],
    ['a number for a code', Object.assign(new Error('x'), { code: 42 }), undefined],
    ['no error', { code: 'ENOENT' }, undefined],
    ['nothing', undefined, undefined],
  ] as const;
  for (const [what, cause, expected] of rows) {
    it(`${what}: ${expected}`, () => assert.equal(errorCode(cause), expected));
  }

  it('of the file system', () => {
    assert.throws(
      () => readFileSync(`${import.meta.filename}.none`),
      (cause) => errorCode(cause) === 'ENOENT',
    );
  });
});
