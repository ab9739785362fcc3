import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LOST_AT_ONCE } from '@sallyport/app-gateway/domain/core/lost-links.ts';
import { CoreStage, fromPartner, responseTo, startLine } from './core-stage.ts';

/** As many as a partner may begin at once there. */
const MANY = 6000;
const ONE = 'staff/one.inner.example:5061';

/** A core with so many requests on the way to one inner host. */
function busyStage(requests: number): CoreStage {
  const stage = new CoreStage(undefined, undefined, undefined, 10_000, 16_777_216);
  stage.up = [ONE];
  for (let number = 1; number <= requests; number++) {
    const via = `SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bK${number}`;
    stage.request(stage.globex, fromPartner('MESSAGE', { via, callId: `call-${number}` }), number);
  }
  return stage;
}

function nextTurn(stage: CoreStage): void {
  for (const then of stage.nextTurn.splice(0)) then();
}

describe('a lost link that thousands wait on', () => {
  it('has them answered in turns, each once, in their order', () => {
    const stage = busyStage(MANY);
    assert.equal(stage.take().filter(({ where }) => where === ONE).length, MANY);
    stage.broken.add(ONE);
    stage.core.linkLost(stage.link(ONE, 'staff', ''));
    const answered: number[] = [];
    for (let turns = 1; ; turns++) {
      const sent = stage.take();
      assert.ok(sent.length <= LOST_AT_ONCE, `${sent.length} in one turn`);
      for (const { text } of sent) assert.match(startLine(text), /^SIP\/2\.0 503 /);
      answered.push(...sent.map(({ number }) => number));
      if (stage.nextTurn.length === 0) break;
      assert.ok(turns < MANY / LOST_AT_ONCE + 2);
      nextTurn(stage);
    }
    assert.deepEqual(
      answered,
      Array.from({ length: MANY }, (_, at) => at + 1),
    );
    assert.equal(stage.core.size, 0);
  });

  it('sends again what there is room for, and nothing after what there is none for', () => {
    const stage = busyStage(3);
    const [first] = stage.take();
    const link = stage.link(ONE, 'staff', '');
    const room = [true, false, true];
    const send = stage.send.bind(stage);
    stage.send = (...parts) => (room.shift() === true ? send(...parts) : undefined);
    stage.core.linkLost(link);
    const [again, ...failed] = stage.take();
    assert.deepEqual(again, first);
    assert.deepEqual(
      failed.map(({ text, number }) => [startLine(text), number]),
      [2, 3].map((number) => ['SIP/2.0 503 Service Unavailable', number]),
    );
  });

  it('asks for what failed no more when the next connection is lost as well, or an answer comes after all', () => {
    const stage = busyStage(2 * LOST_AT_ONCE);
    const sent = stage.take();
    stage.broken.add(ONE);
    const link = stage.link(ONE, 'staff', '');
    stage.core.linkLost(link);
    assert.equal(stage.take().length, LOST_AT_ONCE);
    stage.core.linkLost(link);
    assert.deepEqual(stage.take(), []);
    stage.response('staff', responseTo(sent[LOST_AT_ONCE]?.text ?? '', 200));
    assert.match(startLine(stage.one().text), /^SIP\/2\.0 200 /);
    nextTurn(stage);
    assert.equal(stage.take().length, LOST_AT_ONCE - 1);
    assert.equal(stage.core.size, 0);
  });
});
