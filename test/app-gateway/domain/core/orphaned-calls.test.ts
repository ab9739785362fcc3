import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ORPHANS_AT_ONCE } from '@sallyport/app-gateway/domain/core/orphaned-calls.ts';
import { CoreStage, FakeOrigin, fromPartner, header, responseTo } from './core-stage.ts';

const MANY = 1000;
const GRACE_MS = 2000;

function call(number: number): string {
  const via = `SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bK${number}`;
  return fromPartner('INVITE', { via, callId: `call-${number}` });
}

function callIds(calls: number): string[] {
  return Array.from({ length: calls }, (_, at) => `call-${at + 1}`).toSorted();
}

/** A core with calls that ring inside, all of one connection. */
function ringing(calls: number): CoreStage {
  const stage = new CoreStage(undefined, undefined, undefined, 10_000, 16_777_216);
  for (let number = 1; number <= calls; number++) {
    stage.request(stage.globex, call(number), number);
    stage.response('staff', responseTo(stage.take().at(-1)?.text ?? '', 180));
    stage.take();
  }
  return stage;
}

function channelLost(stage: CoreStage): void {
  Object.assign(stage.globex, { isOpen: false, isOrphaned: true });
  stage.core.originsLost();
}

function later(stage: CoreStage, ms: number): string[] {
  stage.nowMs += ms;
  stage.core.advance(stage.nowMs);
  return cancelled(stage);
}

function cancelled(stage: CoreStage): string[] {
  const sent = stage.take().filter(({ to }) => to === 'community');
  return sent.map(({ text }) => {
    assert.match(text, /^CANCEL /);
    return header(text, 'Call-ID');
  });
}

describe('calls that ring, and whose caller went with a channel', () => {
  it('are cancelled in turns, each once', () => {
    const stage = ringing(MANY);
    channelLost(stage);
    assert.deepEqual(later(stage, GRACE_MS - 1), []);
    const all: string[] = [];
    let turn = later(stage, 1);
    assert.equal(turn.length, ORPHANS_AT_ONCE);
    while (turn.length > 0) {
      assert.ok(turn.length <= ORPHANS_AT_ONCE, `${turn.length} in one turn`);
      all.push(...turn);
      for (const then of stage.nextTurn.splice(0)) then();
      turn = cancelled(stage);
    }
    assert.deepEqual(all.toSorted(), callIds(MANY));
    assert.deepEqual(later(stage, GRACE_MS), []);
  });

  it('ring on where the caller came again, before its turn too', () => {
    const stage = ringing(ORPHANS_AT_ONCE + 2);
    channelLost(stage);
    const again = new FakeOrigin('outside', 'globex', 'edge-1/0/9', stage.sent);
    stage.request(again, call(1), 1);
    const first = new Set([...later(stage, GRACE_MS), 'call-1']);
    assert.equal(first.size, ORPHANS_AT_ONCE + 1);
    const left = callIds(ORPHANS_AT_ONCE + 2).filter((callId) => !first.has(callId));
    for (const callId of left) stage.request(again, call(Number(callId.slice(5))), 2);
    stage.take();
    for (const then of stage.nextTurn.splice(0)) then();
    assert.deepEqual(cancelled(stage), []);
  });

  it('are not looked for later because another channel is lost', () => {
    const stage = ringing(1);
    channelLost(stage);
    assert.deepEqual(later(stage, GRACE_MS - 1), []);
    stage.core.originsLost();
    assert.deepEqual(later(stage, 1), ['call-1']);
  });
});
