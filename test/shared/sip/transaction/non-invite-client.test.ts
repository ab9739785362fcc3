import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Input,
  START,
  type State,
  step,
} from '@sallyport/shared/sip/transaction/non-invite-client.ts';
import { describeEffects, everyRunEnds } from './transaction-run.ts';

const TRYING: Input = { type: 'response', status: 100 };
const OK: Input = { type: 'response', status: 200 };
const BUSY: Input = { type: 'response', status: 600 };
const TIMER_F: Input = { type: 'timer-f' };
const LOST: Input = { type: 'transport-failed' };

//  from          input     to            effects
const table: readonly (readonly [State, Input, State, string])[] = [
  ['trying', TRYING, 'proceeding', 'pass-response-up'],
  ['trying', OK, 'terminated', 'clear F, pass-response-up'],
  ['trying', BUSY, 'terminated', 'clear F, pass-response-up'],
  ['trying', TIMER_F, 'terminated', 'fail timeout'],
  ['trying', LOST, 'terminated', 'clear F, fail transport'],
  ['proceeding', TRYING, 'proceeding', 'pass-response-up'],
  ['proceeding', OK, 'terminated', 'clear F, pass-response-up'],
  ['proceeding', BUSY, 'terminated', 'clear F, pass-response-up'],
  ['proceeding', TIMER_F, 'terminated', 'fail timeout'],
  ['proceeding', LOST, 'proceeding', ''],
  ['terminated', TRYING, 'terminated', ''],
  ['terminated', OK, 'terminated', ''],
  ['terminated', BUSY, 'terminated', ''],
  ['terminated', TIMER_F, 'terminated', ''],
  ['terminated', LOST, 'terminated', ''],
];

describe('non-INVITE client transaction on a reliable transport (RFC 3261 §17.1.2.2)', () => {
  it('starts by sending the request and arming timer F, never timer E', () => {
    assert.equal(START.state, 'trying');
    assert.equal(describeEffects(START.effects), 'arm F, send-request');
  });

  for (const [from, input, to, effects] of table) {
    it(`${from} + ${input.type} ${'status' in input ? input.status : ''} -> ${to}`, () => {
      const turn = step(from, input);
      assert.equal(turn.state, to);
      assert.equal(describeEffects(turn.effects), effects);
    });
  }

  it('ends in every run, and leaves no timer behind', () => {
    everyRunEnds({ start: START, step, inputs: [TRYING, OK, BUSY, LOST], timers: { F: TIMER_F } });
  });
});
