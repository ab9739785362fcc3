import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Input,
  START,
  type State,
  step,
} from '@sallyport/shared/sip/transaction/non-invite-server.ts';
import { TIMER_MS } from '@sallyport/shared/sip/transaction/transaction-timers.ts';
import { describeEffects, everyRunEnds } from './transaction-run.ts';

const AGAIN: Input = { type: 'request' };
const TRYING: Input = { type: 'respond', status: 100 };
const RINGING: Input = { type: 'respond', status: 180 };
const OK: Input = { type: 'respond', status: 200 };
const TIMED_OUT: Input = { type: 'respond', status: 408 };
const BUSY: Input = { type: 'respond', status: 600 };
const ABANDON: Input = { type: 'abandon' };
const SLOW: Input = { type: 'timer-trying' };
const LOST: Input = { type: 'transport-failed' };

//  from          input      to            effects
const table: readonly (readonly [State, Input, State, string])[] = [
  ['trying', AGAIN, 'trying', ''],
  ['trying', TRYING, 'proceeding', 'clear trying, send-response'],
  ['trying', RINGING, 'trying', ''],
  ['trying', OK, 'terminated', 'clear trying, send-response'],
  ['trying', TIMED_OUT, 'terminated', 'clear trying'],
  ['trying', BUSY, 'terminated', 'clear trying, send-response'],
  ['trying', ABANDON, 'terminated', 'clear trying'],
  ['trying', SLOW, 'proceeding', 'send-trying'],
  ['trying', LOST, 'trying', 'fail transport'],
  ['proceeding', AGAIN, 'proceeding', 'send-last-response'],
  ['proceeding', TRYING, 'proceeding', 'send-response'],
  ['proceeding', RINGING, 'proceeding', ''],
  ['proceeding', OK, 'terminated', 'send-response'],
  ['proceeding', TIMED_OUT, 'terminated', ''],
  ['proceeding', BUSY, 'terminated', 'send-response'],
  ['proceeding', ABANDON, 'terminated', ''],
  ['proceeding', SLOW, 'proceeding', ''],
  ['proceeding', LOST, 'proceeding', 'fail transport'],
  ['terminated', AGAIN, 'terminated', ''],
  ['terminated', TRYING, 'terminated', ''],
  ['terminated', RINGING, 'terminated', ''],
  ['terminated', OK, 'terminated', ''],
  ['terminated', TIMED_OUT, 'terminated', ''],
  ['terminated', BUSY, 'terminated', ''],
  ['terminated', ABANDON, 'terminated', ''],
  ['terminated', SLOW, 'terminated', ''],
  ['terminated', LOST, 'terminated', ''],
];

describe('non-INVITE server transaction on a reliable transport (RFC 3261 §17.2.2, RFC 4320)', () => {
  it('starts in silence: a 100 to a non-INVITE is due only when timer E would reach T2', () => {
    assert.equal(START.state, 'trying');
    assert.equal(describeEffects(START.effects), 'arm trying');
    assert.equal(TIMER_MS.trying, 500 + 1000 + 2000);
  });

  for (const [from, input, to, effects] of table) {
    it(`${from} + ${input.type} ${'status' in input ? input.status : ''} -> ${to}`, () => {
      const turn = step(from, input);
      assert.equal(turn.state, to);
      assert.equal(describeEffects(turn.effects), effects);
    });
  }

  it('ends in every run that the layer above ends, and leaves no timer behind', () => {
    everyRunEnds({
      start: START,
      step,
      inputs: [AGAIN, TRYING, RINGING, OK, TIMED_OUT, BUSY, LOST],
      timers: { trying: SLOW },
      ending: ABANDON,
    });
  });
});
