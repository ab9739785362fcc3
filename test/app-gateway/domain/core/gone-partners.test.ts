import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GONE_AT_ONCE } from '@sallyport/app-gateway/domain/core/gone-partners.ts';
import {
  CoreStage,
  fromInside,
  fromPartner,
  responseTo,
  type Sent,
  startLine,
} from './core-stage.ts';

function lines(sent: readonly Sent[]): string[] {
  return sent.map(({ to, text }) => `${to} ${startLine(text)}`);
}

describe('a partner that is gone', () => {
  const gone = new Set(['globex']);

  it('is refused for whoever inside waits for it, before and after a provisional response', () => {
    for (const [method, isRinging] of [
      ['MESSAGE', false],
      ['INVITE', false],
      ['INVITE', true],
    ] as const) {
      const stage = new CoreStage();
      stage.request(stage.staff, fromInside(method), 5);
      const sent = stage.take().find(({ to }) => to === 'partner');
      assert.ok(sent);
      if (isRinging) stage.response('globex', responseTo(sent.text, 180));
      stage.take();
      stage.core.partnersGone(gone);
      assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 403 Forbidden']);
      stage.response('globex', responseTo(sent.text, 200));
      assert.deepEqual(stage.take(), []);
    }
  });

  it('rings no longer inside', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'), 5);
    const invite = stage.take().find(({ to }) => to === 'community');
    assert.ok(invite);
    stage.response('staff', responseTo(invite.text, 180));
    stage.take();
    stage.core.partnersGone(gone);
    assert.deepEqual(lines(stage.take()), ['community CANCEL sip:bob@acme.example SIP/2.0']);
  });

  it('is no matter to others', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'), 5);
    stage.take();
    stage.core.partnersGone(new Set(['initech']));
    assert.deepEqual(stage.take(), []);
  });

  it('has nobody else lose what waits on the same connection inside, when that ends', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'), 5);
    const from = '<sip:eve@initech.example>;tag=9';
    stage.request(stage.initech, fromPartner('MESSAGE', { from }), 6);
    const others = stage.take()[1];
    assert.equal(others?.where, 'staff/one.inner.example:5061');
    stage.core.partnersGone(gone);
    stage.core.linkLost(stage.link(others.where, 'staff', ''));
    const [again, ended, ...more] = stage.take();
    assert.deepEqual(again, others);
    assert.deepEqual([ended?.number, startLine(ended?.text ?? '')], [5, 'SIP/2.0 403 Forbidden']);
    assert.deepEqual(more, []);
  });

  describe('and thousands wait for it', () => {
    const MANY = 1000;
    const asking = () => {
      const stage = new CoreStage(undefined, undefined, undefined, 10_000, 16_777_216);
      const sent: Sent[] = [];
      for (let number = 1; number <= MANY; number++) {
        const via = `SIP/2.0/TLS staff.inner.example:5061;branch=z9hG4bK${number}`;
        stage.request(stage.staff, fromInside('MESSAGE', { via, callId: `m-${number}` }), number);
        sent.push(...stage.take().filter(({ to }) => to === 'partner'));
      }
      assert.equal(sent.length, MANY);
      return { stage, sent };
    };
    const turn = (stage: CoreStage) => {
      for (const then of stage.nextTurn.splice(0)) then();
      return stage.take();
    };

    it('are refused in turns, each once', () => {
      const { stage } = asking();
      stage.core.partnersGone(gone);
      const refused = new Map<number, string>();
      for (let sent = stage.take(); sent.length > 0; sent = turn(stage)) {
        assert.ok(sent.length <= GONE_AT_ONCE, `${sent.length} in one turn`);
        for (const { number, text } of sent) refused.set(number, startLine(text));
      }
      assert.equal(refused.size, MANY);
      assert.deepEqual([...new Set(refused.values())], ['SIP/2.0 403 Forbidden']);
      assert.equal(stage.core.unanswered, 0);
    });

    it('hear what comes before their turn, and nothing after it', () => {
      const { stage, sent } = asking();
      stage.core.partnersGone(gone);
      stage.take();
      const last = sent.at(-1);
      assert.ok(last);
      stage.response('globex', responseTo(last.text, 200));
      assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 200 Reason']);
      let refused = 0;
      while (stage.nextTurn.length > 0) refused += turn(stage).length;
      assert.equal(refused, MANY - GONE_AT_ONCE - 1);
    });
  });
});
