import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ContextInput, IDLE, step } from '@sallyport/shared/sip/proxy/response-context.ts';
import type { ContextEffect } from '@sallyport/shared/sip/proxy/response-context-effect.ts';
import fc from 'fast-check';
import { ContextRun } from './response-context-run.ts';

const LOST: ContextInput = { type: 'transport-failed' };
const TIMEOUT: ContextInput = { type: 'timeout' };
const CANCEL: ContextInput = { type: 'cancel-received' };
const TIMER_C: ContextInput = { type: 'timer-c' };
const TIMER_CANCEL: ContextInput = { type: 'timer-cancel' };

type Story = readonly (readonly [ContextInput, string])[];

describe('a proxied INVITE (RFC 3261 §16.7)', () => {
  story('forwards ringing, refreshes timer C, forwards the 2xx', [
    [invite(1), 'arm C, try-target 0'],
    [provisional(100), ''],
    [provisional(180), 'arm C, forward-provisional'],
    [provisional(199), 'arm C, forward-provisional'],
    [final(200), 'forward-final, clear C, done'],
  ]);
  story('forwards each 2xx at once, also after a final response', [
    [invite(1), 'arm C, try-target 0'],
    [final(200), 'forward-final, clear C, done'],
    [final(200), 'forward-late-2xx'],
    [final(202), 'forward-late-2xx'],
    [final(486), ''],
    [provisional(180), ''],
    [TIMER_C, ''],
    [CANCEL, ''],
    [LOST, ''],
    [TIMEOUT, ''],
    [TIMER_CANCEL, ''],
    [invite(2), ''],
  ]);
  for (const status of [300, 302, 401, 404, 408, 486, 500, 504, 600, 603]) {
    story(`ends the search at a ${status}`, [
      [invite(2), 'arm C, try-target 0'],
      [final(status), 'forward-final, clear C, done'],
    ]);
  }
  story('takes one start only', [
    [invite(2), 'arm C, try-target 0'],
    [invite(2), ''],
  ]);
  story('answers 503 where no target lives for any request', [[invite(0, 503), 'reply 503, done']]);
  story('answers 480 where no target is known (RFC 3261 §16.5)', [
    [invite(0), 'reply 480, done'],
    [final(200), 'forward-late-2xx'],
  ]);
});

describe('failover to the next target (RFC 3263 §4.3)', () => {
  for (const [name, failure] of [
    ['a transport failure', LOST],
    ['a timeout without any response', TIMEOUT],
    ['a 503', final(503)],
  ] as const) {
    story(`follows ${name}`, [
      [invite(2), 'arm C, try-target 0'],
      [failure, 'arm C, try-target 1'],
      [final(200), 'forward-final, clear C, done'],
    ]);
  }
  story('follows a 503 even after ringing was forwarded: that branch is over', [
    [invite(2), 'arm C, try-target 0'],
    [provisional(180), 'arm C, forward-provisional'],
    [final(503), 'arm C, try-target 1'],
  ]);
  story('does not follow a lost connection after a provisional: the next hop has the request', [
    [invite(2), 'arm C, try-target 0'],
    [provisional(100), ''],
    [LOST, 'reply 500, clear C, done'],
  ]);
  story('begins anew with each target: no provisional seen, so a transport failure fails over', [
    [invite(3), 'arm C, try-target 0'],
    [provisional(100), ''],
    [final(503), 'arm C, try-target 1'],
    [LOST, 'arm C, try-target 2'],
  ]);
  story('ends with 500, since a received 503 speaks of that server only (§16.7 step 6)', [
    [invite(2), 'arm C, try-target 0'],
    [LOST, 'arm C, try-target 1'],
    [final(503), 'reply 500, clear C, done'],
  ]);
  story('ends with 503 where every request would fare the same', [
    [invite(1, 503), 'arm C, try-target 0'],
    [final(503), 'reply 503, clear C, done'],
  ]);
  story('ends with 408 when nobody answered', [
    [invite(2), 'arm C, try-target 0'],
    [TIMEOUT, 'arm C, try-target 1'],
    [TIMEOUT, 'reply 408, clear C, done'],
  ]);
  story('prefers the 408 of a silence to a later 503', [
    [invite(2), 'arm C, try-target 0'],
    [TIMEOUT, 'arm C, try-target 1'],
    [final(503), 'reply 408, clear C, done'],
  ]);
  story('prefers the 408 of a silence to a later 500, the lower class', [
    [invite(2), 'arm C, try-target 0'],
    [TIMEOUT, 'arm C, try-target 1'],
    [final(500), 'reply 408, clear C, done'],
  ]);
  story('prefers a real response to an earlier 503', [
    [invite(2), 'arm C, try-target 0'],
    [final(503), 'arm C, try-target 1'],
    [final(500), 'forward-final, clear C, done'],
  ]);
});

describe('CANCEL (RFC 3261 §9.1, §16.10)', () => {
  story('waits for a provisional response', [
    [invite(1), 'arm C, try-target 0'],
    [CANCEL, ''],
    [CANCEL, ''],
    [provisional(100), 'cancel-branch, clear C, arm cancel'],
    [final(487), 'forward-final, clear cancel, done'],
  ]);
  story('leaves at once where one was seen, and only once', [
    [invite(1), 'arm C, try-target 0'],
    [provisional(180), 'arm C, forward-provisional'],
    [CANCEL, 'cancel-branch, clear C, arm cancel'],
    [CANCEL, ''],
    [provisional(180), 'forward-provisional'],
    [final(487), 'forward-final, clear cancel, done'],
  ]);
  story('follows the ringing that it waited for', [
    [invite(1), 'arm C, try-target 0'],
    [CANCEL, ''],
    [provisional(180), 'forward-provisional, cancel-branch, clear C, arm cancel'],
  ]);
  story('loses the race against a 2xx', [
    [invite(1), 'arm C, try-target 0'],
    [CANCEL, ''],
    [final(200), 'forward-final, clear C, done'],
  ]);
  story('loses the race against a 2xx after it left', [
    [invite(1), 'arm C, try-target 0'],
    [provisional(100), ''],
    [CANCEL, 'cancel-branch, clear C, arm cancel'],
    [final(200), 'forward-final, clear cancel, done'],
  ]);
  for (const [name, failure] of [
    ['a transport failure', LOST],
    ['a timeout', TIMEOUT],
    ['a 503', final(503)],
  ] as const) {
    story(`allows no failover: ${name} ends in 487`, [
      [invite(2), 'arm C, try-target 0'],
      [CANCEL, ''],
      [failure, 'reply 487, clear C, done'],
    ]);
  }
  story('without a final response for 64*T1 counts as done', [
    [invite(2), 'arm C, try-target 0'],
    [provisional(180), 'arm C, forward-provisional'],
    [CANCEL, 'cancel-branch, clear C, arm cancel'],
    [TIMER_CANCEL, 'drop-branch, reply 487, clear cancel, done'],
  ]);
  story('of a non-INVITE has no effect', [
    [message(2), 'try-target 0'],
    [CANCEL, ''],
    [LOST, 'try-target 1'],
    [provisional(100), ''],
    [CANCEL, ''],
  ]);
});

describe('timer C (RFC 3261 §16.8)', () => {
  story('cancels where a provisional was seen, and forwards what comes of it', [
    [invite(2), 'arm C, try-target 0'],
    [provisional(180), 'arm C, forward-provisional'],
    [TIMER_C, 'cancel-branch, arm cancel'],
    [TIMER_C, ''],
    [final(487), 'forward-final, clear cancel, done'],
  ]);
  story('ends in 408 where its CANCEL has no effect', [
    [invite(2), 'arm C, try-target 0'],
    [provisional(180), 'arm C, forward-provisional'],
    [TIMER_C, 'cancel-branch, arm cancel'],
    [TIMER_CANCEL, 'drop-branch, reply 408, clear cancel, done'],
  ]);
  story('ends in 487 where the caller cancels as well; no second CANCEL leaves', [
    [invite(2), 'arm C, try-target 0'],
    [provisional(180), 'arm C, forward-provisional'],
    [TIMER_C, 'cancel-branch, arm cancel'],
    [CANCEL, ''],
    [TIMER_CANCEL, 'drop-branch, reply 487, clear cancel, done'],
  ]);
  story('allows no failover after its CANCEL', [
    [invite(2), 'arm C, try-target 0'],
    [provisional(180), 'arm C, forward-provisional'],
    [TIMER_C, 'cancel-branch, arm cancel'],
    [final(503), 'reply 500, clear cancel, done'],
  ]);
  story('counts as a 408 where nobody ever answered', [
    [invite(2), 'arm C, try-target 0'],
    [TIMER_C, 'drop-branch, arm C, try-target 1'],
    [TIMER_C, 'drop-branch, reply 408, clear C, done'],
  ]);
  story('is no matter of a non-INVITE', [
    [message(1), 'try-target 0'],
    [TIMER_C, ''],
    [TIMER_CANCEL, ''],
  ]);
});

describe('a proxied non-INVITE (RFC 4320)', () => {
  story('forwards the final response and no provisional', [
    [message(1), 'try-target 0'],
    [provisional(100), ''],
    [provisional(180), ''],
    [final(202), 'forward-final, done'],
    [final(200), ''],
  ]);
  story('is abandoned at a timeout: no 408, and no other target, for the caller gave up too', [
    [message(2), 'try-target 0'],
    [TIMEOUT, 'abandon, done'],
  ]);
  story('is abandoned at a received 408', [
    [message(2), 'try-target 0'],
    [final(408), 'abandon, done'],
  ]);
  story('fails over at a transport failure and at a 503', [
    [message(3), 'try-target 0'],
    [LOST, 'try-target 1'],
    [final(503), 'try-target 2'],
    [final(200), 'forward-final, done'],
  ]);
  story('ends with 500 where all targets failed', [
    [message(2), 'try-target 0'],
    [LOST, 'try-target 1'],
    [LOST, 'reply 500, done'],
  ]);
  story('ends with 503 where every request would fare the same', [
    [message(1, 503), 'try-target 0'],
    [LOST, 'reply 503, done'],
  ]);
  story('answers 480 where no target is known', [[message(0), 'reply 480, done']]);
});

describe('in every run', () => {
  const status = fc.oneof(
    fc.constantFrom(100, 180, 200, 408, 487, 503),
    fc.integer({ min: 101, max: 699 }),
  );
  const move: fc.Arbitrary<ContextInput> = fc.oneof(
    status.map((given) => (given < 200 ? provisional(given) : final(given))),
    fc.constantFrom(LOST, TIMEOUT, CANCEL, TIMER_C, TIMER_CANCEL),
  );
  const beginning = fc
    .record({ targets: fc.nat(3), isInvite: fc.boolean(), status: fc.constantFrom(500, 503) })
    .map((given) => start(given.targets, given.isInvite, given.status as 500 | 503));

  it('exactly one final goes upstream, no CANCEL precedes a provisional, no timer is left', () => {
    fc.assert(
      fc.property(beginning, fc.array(move, { maxLength: 14 }), (begin, moves) => {
        const run = new ContextRun();
        run.input(begin);
        for (const given of moves) run.input(given);
        run.letTimersFire();
        assert.equal(run.state.phase, 'done');
        assert.equal(run.endings, 1);
        assert.deepEqual([...run.armed], []);
      }),
      { seed: 3261, numRuns: 5000 },
    );
  });

  it('nothing happens before the start', () => {
    fc.assert(
      fc.property(move, (given) => {
        assert.deepEqual(step(IDLE, given), { state: IDLE, effects: [] });
      }),
      { seed: 3261 },
    );
  });
});

function story(name: string, turns: Story): void {
  it(name, () => {
    let state = IDLE;
    for (const [input, effects] of turns) {
      const turn = step(state, input);
      assert.equal(turn.effects.map(describeEffect).join(', '), effects, JSON.stringify(input));
      state = turn.state;
    }
  });
}

function describeEffect(effect: ContextEffect): string {
  switch (effect.type) {
    case 'try-target':
      return `try-target ${effect.target}`;
    case 'reply':
      return `reply ${effect.status}`;
    case 'arm-timer':
      return `arm ${effect.timer}`;
    case 'clear-timer':
      return `clear ${effect.timer}`;
    case 'forward-provisional':
    case 'forward-final':
    case 'forward-late-2xx':
    case 'cancel-branch':
    case 'drop-branch':
    case 'abandon':
    case 'done':
      return effect.type;
  }
}

function start(targets: number, isInvite: boolean, unavailableStatus: 500 | 503): ContextInput {
  return { type: 'start', targets, isInvite, unavailableStatus };
}

function invite(targets: number, unavailableStatus: 500 | 503 = 500): ContextInput {
  return start(targets, true, unavailableStatus);
}

function message(targets: number, unavailableStatus: 500 | 503 = 500): ContextInput {
  return start(targets, false, unavailableStatus);
}

function provisional(status: number): ContextInput {
  return { type: 'provisional', status };
}

function final(status: number): ContextInput {
  return { type: 'final', status };
}
