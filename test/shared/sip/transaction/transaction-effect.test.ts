import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { arm, clear, constantTurn } from '@sallyport/shared/sip/transaction/transaction-effect.ts';

describe('a turn shared by all transactions', () => {
  it('cannot be changed by the driver of one of them', () => {
    const turn = constantTurn('trying', arm('F'), clear('B'));
    assert.deepEqual(turn, {
      state: 'trying',
      effects: [
        { type: 'arm-timer', timer: 'F' },
        { type: 'clear-timer', timer: 'B' },
      ],
    });
    assert.ok(Object.isFrozen(turn));
    assert.ok(Object.isFrozen(turn.effects));
    assert.ok(turn.effects.every((effect) => Object.isFrozen(effect)));
  });
});
