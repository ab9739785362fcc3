import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Input,
  START,
  type State,
  step,
} from '@sallyport/shared/sip/transaction/invite-server.ts';
import { describeEffects, everyRunEnds } from './transaction-run.ts';

const AGAIN: Input = { type: 'request' };
const ACK: Input = { type: 'ack' };
const RINGING: Input = { type: 'respond', status: 180 };
const OK: Input = { type: 'respond', status: 200 };
const MOVED: Input = { type: 'respond', status: 300 };
const BUSY: Input = { type: 'respond', status: 600 };
const TIMER_H: Input = { type: 'timer-h' };
const TIMER_L: Input = { type: 'timer-l' };
const LOST: Input = { type: 'transport-failed' };

//  from          input    to            effects
const table: readonly (readonly [State, Input, State, string])[] = [
  ['proceeding', AGAIN, 'proceeding', 'send-last-response'],
  ['proceeding', ACK, 'proceeding', ''],
  ['proceeding', RINGING, 'proceeding', 'send-response'],
  ['proceeding', OK, 'accepted', 'send-response, arm L'],
  ['proceeding', MOVED, 'completed', 'send-response, arm H'],
  ['proceeding', BUSY, 'completed', 'send-response, arm H'],
  ['proceeding', TIMER_H, 'proceeding', ''],
  ['proceeding', TIMER_L, 'proceeding', ''],
  ['proceeding', LOST, 'proceeding', 'fail transport'],
  ['accepted', AGAIN, 'accepted', ''],
  ['accepted', ACK, 'accepted', 'pass-ack-up'],
  ['accepted', RINGING, 'accepted', ''],
  ['accepted', OK, 'accepted', 'send-response'],
  ['accepted', MOVED, 'accepted', ''],
  ['accepted', BUSY, 'accepted', ''],
  ['accepted', TIMER_H, 'accepted', ''],
  ['accepted', TIMER_L, 'terminated', ''],
  ['accepted', LOST, 'accepted', 'fail transport'],
  ['completed', AGAIN, 'completed', 'send-last-response'],
  ['completed', ACK, 'terminated', 'clear H'],
  ['completed', RINGING, 'completed', ''],
  ['completed', OK, 'completed', ''],
  ['completed', MOVED, 'completed', ''],
  ['completed', BUSY, 'completed', ''],
  ['completed', TIMER_H, 'terminated', 'fail timeout'],
  ['completed', TIMER_L, 'completed', ''],
  ['completed', LOST, 'completed', 'fail transport'],
  ['terminated', AGAIN, 'terminated', ''],
  ['terminated', ACK, 'terminated', ''],
  ['terminated', RINGING, 'terminated', ''],
  ['terminated', OK, 'terminated', ''],
  ['terminated', BUSY, 'terminated', ''],
  ['terminated', TIMER_H, 'terminated', ''],
  ['terminated', TIMER_L, 'terminated', ''],
  ['terminated', LOST, 'terminated', ''],
];

describe('INVITE server transaction on a reliable transport (RFC 3261 §17.2.1, RFC 6026 §7.1)', () => {
  it('starts with a 100 at once', () => {
    assert.equal(START.state, 'proceeding');
    assert.equal(describeEffects(START.effects), 'send-trying');
  });

  for (const [from, input, to, effects] of table) {
    it(`${from} + ${input.type} ${'status' in input ? input.status : ''} -> ${to}`, () => {
      const turn = step(from, input);
      assert.equal(turn.state, to);
      assert.equal(describeEffects(turn.effects), effects);
    });
  }

  it('ends in every run that the layer above answers, and leaves no timer behind', () => {
    everyRunEnds({
      start: START,
      step,
      inputs: [AGAIN, ACK, RINGING, OK, MOVED, BUSY, LOST],
      timers: { H: TIMER_H, L: TIMER_L },
      ending: BUSY,
    });
  });
});
