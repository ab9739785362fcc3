import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, NotDone } from '@sallyport/app-gateway/adapters/database/ledger-attempt.ts';

describe('a try at the ledger', () => {
  for (const [thrown, error] of [
    [new NotDone({ code: 'conflict' }), { code: 'conflict' }],
    [new Error('gone\nwith values'), { code: 'unavailable', reason: 'gone' }],
  ] as const) {
    it(`fails with ${error.code}`, async () => {
      assert.deepEqual(await attempt(() => Promise.reject(thrown)), { ok: false, error });
    });
  }

  it('has the value of what was done', async () => {
    assert.deepEqual(await attempt(async () => 7), { ok: true, value: 7 });
  });
});
