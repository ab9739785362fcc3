import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Input,
  START,
  type State,
  step,
} from '@sallyport/shared/sip/transaction/invite-client.ts';
import { describeEffects, everyRunEnds } from './transaction-run.ts';

const TRYING: Input = { type: 'response', status: 100 };
const RINGING: Input = { type: 'response', status: 199 };
const OK: Input = { type: 'response', status: 200 };
const OK_299: Input = { type: 'response', status: 299 };
const MOVED: Input = { type: 'response', status: 300 };
const BUSY: Input = { type: 'response', status: 699 };
const TIMER_B: Input = { type: 'timer-b' };
const TIMER_M: Input = { type: 'timer-m' };
const LOST: Input = { type: 'transport-failed' };

//  from          input    to            effects
const table: readonly (readonly [State, Input, State, string])[] = [
  ['calling', TRYING, 'proceeding', 'clear B, pass-response-up'],
  ['calling', RINGING, 'proceeding', 'clear B, pass-response-up'],
  ['calling', OK, 'accepted', 'clear B, arm M, pass-response-up'],
  ['calling', OK_299, 'accepted', 'clear B, arm M, pass-response-up'],
  ['calling', MOVED, 'terminated', 'clear B, send-ack, pass-response-up'],
  ['calling', BUSY, 'terminated', 'clear B, send-ack, pass-response-up'],
  ['calling', TIMER_B, 'terminated', 'fail timeout'],
  ['calling', TIMER_M, 'calling', ''],
  ['calling', LOST, 'terminated', 'clear B, fail transport'],
  ['proceeding', TRYING, 'proceeding', 'pass-response-up'],
  ['proceeding', RINGING, 'proceeding', 'pass-response-up'],
  ['proceeding', OK, 'accepted', 'arm M, pass-response-up'],
  ['proceeding', OK_299, 'accepted', 'arm M, pass-response-up'],
  ['proceeding', MOVED, 'terminated', 'send-ack, pass-response-up'],
  ['proceeding', BUSY, 'terminated', 'send-ack, pass-response-up'],
  ['proceeding', TIMER_B, 'proceeding', ''],
  ['proceeding', TIMER_M, 'proceeding', ''],
  ['proceeding', LOST, 'proceeding', ''],
  ['accepted', TRYING, 'accepted', ''],
  ['accepted', RINGING, 'accepted', ''],
  ['accepted', OK, 'accepted', 'pass-response-up'],
  ['accepted', OK_299, 'accepted', 'pass-response-up'],
  ['accepted', MOVED, 'accepted', ''],
  ['accepted', BUSY, 'accepted', ''],
  ['accepted', TIMER_B, 'accepted', ''],
  ['accepted', TIMER_M, 'terminated', ''],
  ['accepted', LOST, 'accepted', ''],
  ['terminated', TRYING, 'terminated', ''],
  ['terminated', OK, 'terminated', ''],
  ['terminated', MOVED, 'terminated', ''],
  ['terminated', TIMER_B, 'terminated', ''],
  ['terminated', TIMER_M, 'terminated', ''],
  ['terminated', LOST, 'terminated', ''],
];

describe('INVITE client transaction on a reliable transport (RFC 3261 §17.1.1.2, RFC 6026 §7.2)', () => {
  it('starts by sending the request and arming timer B, never timer A', () => {
    assert.equal(START.state, 'calling');
    assert.equal(describeEffects(START.effects), 'arm B, send-request');
  });

  for (const [from, input, to, effects] of table) {
    it(`${from} + ${input.type} ${'status' in input ? input.status : ''} -> ${to}`, () => {
      const turn = step(from, input);
      assert.equal(turn.state, to);
      assert.equal(describeEffects(turn.effects), effects);
    });
  }

  it('ends in every run that got a final response, and leaves no timer behind', () => {
    everyRunEnds({
      start: START,
      step,
      inputs: [TRYING, RINGING, OK, MOVED, BUSY, LOST],
      timers: { B: TIMER_B, M: TIMER_M },
      ending: BUSY,
    });
  });
});
