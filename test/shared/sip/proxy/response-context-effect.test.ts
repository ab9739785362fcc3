import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as effects from '@sallyport/shared/sip/proxy/response-context-effect.ts';

describe('effects shared by all response contexts', () => {
  const lists = [
    effects.NOTHING,
    effects.TRY_FIRST_INVITE,
    effects.CANCEL_BRANCH,
    effects.FORWARD_LATE_2XX,
    effects.FORWARD_FINAL.plain,
    effects.REPLY_487.withTimerC,
    effects.ABANDON.plain,
  ];

  it('cannot be changed by the driver of one of them', () => {
    for (const list of lists) {
      assert.ok(Object.isFrozen(list));
      for (const effect of list) assert.ok(Object.isFrozen(effect), effect.type);
    }
  });

  it('say done last in every ending, after the timer is cleared', () => {
    for (const ending of [effects.FORWARD_FINAL, effects.REPLY_408, effects.DROP_REPLY_487]) {
      assert.equal(ending.plain.at(-1)?.type, 'done');
      assert.deepEqual(ending.withTimerC.slice(-2), [
        { type: 'clear-timer', timer: 'C' },
        { type: 'done' },
      ]);
      assert.deepEqual(ending.withTimerCancel.slice(-2), [
        { type: 'clear-timer', timer: 'cancel' },
        { type: 'done' },
      ]);
    }
  });
});
