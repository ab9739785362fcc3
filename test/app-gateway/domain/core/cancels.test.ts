import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromPartner, responseTo, type Sent, startLine } from './core-stage.ts';

function lines(sent: readonly Sent[]): string[] {
  return sent.map(({ to, text }) => `${to} ${startLine(text)}`);
}

/** A partner's call rings inside. */
function ringing() {
  const stage = new CoreStage();
  stage.request(stage.globex, fromPartner('INVITE'), 5);
  const [, invite] = stage.take();
  assert.ok(invite);
  stage.response('staff', responseTo(invite.text, 180));
  stage.take();
  const link = stage.link(invite.where, 'staff', '');
  return {
    stage,
    invite,
    /** Its connection there ends. */
    lose: () => stage.core.linkLost(link),
    /** The caller does. */
    hangUp: () => stage.request(stage.globex, fromPartner('CANCEL'), 6),
  };
}

/** It rings, the inner server goes away, and the caller hangs up. */
function cancelledInVain() {
  const { stage, invite, hangUp } = ringing();
  stage.broken.add(invite.where);
  hangUp();
  assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 200 OK']);
  return { stage, invite };
}

describe('a CANCEL that finds no way to where it rings', () => {
  it('is sent once there is one again, and once alone', () => {
    const { stage, invite } = cancelledInVain();
    stage.pass(2000);
    assert.deepEqual(stage.take(), []);
    stage.broken.clear();
    stage.pass(1000);
    assert.deepEqual(lines(stage.take()), ['community CANCEL sip:bob@acme.example SIP/2.0']);
    stage.pass(2000);
    assert.deepEqual(stage.take(), []);
    stage.response('staff', responseTo(invite.text, 487));
    assert.deepEqual(lines(stage.take()), [
      'community ACK sip:bob@acme.example SIP/2.0',
      'origin SIP/2.0 487 Reason',
    ]);
  });

  it('is sent no more when the call was answered meanwhile, or counts as cancelled', () => {
    const answered = cancelledInVain();
    answered.stage.response('staff', responseTo(answered.invite.text, 200));
    answered.stage.broken.clear();
    answered.stage.pass(2000);
    assert.deepEqual(lines(answered.stage.take()), ['origin SIP/2.0 200 Reason']);

    const { stage } = cancelledInVain();
    stage.pass(33_000);
    assert.match(lines(stage.take()).join(), /^origin SIP\/2\.0 487 /);
    stage.broken.clear();
    stage.pass(2000);
    assert.deepEqual(stage.take(), []);
  });
});

describe('a CANCEL that may be lost with its connection', () => {
  const AGAIN = ['community CANCEL sip:bob@acme.example SIP/2.0'];

  it('is sent again where that was lost, and once alone', () => {
    const { stage, invite, lose, hangUp } = ringing();
    hangUp();
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 200 OK', ...AGAIN]);
    stage.pass(5000);
    assert.deepEqual(stage.take(), []);
    lose();
    stage.pass(600);
    assert.deepEqual(lines(stage.take()), AGAIN);
    stage.pass(5000);
    assert.deepEqual(stage.take(), []);
    stage.response('staff', responseTo(invite.text, 487));
    stage.take();
    lose();
    stage.pass(600);
    assert.deepEqual(stage.take(), []);
  });

  it('is sent again where it waited for one that was not made', () => {
    const { stage, lose, hangUp } = ringing();
    lose();
    stage.pass(600);
    assert.deepEqual(stage.take(), []);
    hangUp();
    stage.take();
    for (let time = 0; time < 3; time++) {
      lose();
      stage.pass(600);
      assert.deepEqual(lines(stage.take()), AGAIN);
    }
  });
});

describe('the answer to a CANCEL of ours', () => {
  for (const status of [200, 481]) {
    it(`belongs to the call and ends nothing (${status})`, () => {
      const { stage, invite, hangUp } = ringing();
      hangUp();
      const cancel = stage.take().at(-1) as Sent;
      stage.response('staff', responseTo(cancel.text, status));
      assert.deepEqual(stage.take(), []);
      assert.deepEqual(stage.strays, []);
      stage.response('staff', responseTo(invite.text, 487));
      assert.match(lines(stage.take()).join(), /origin SIP\/2\.0 487 /);
    });
  }

  it('is nobody’s where there was none', () => {
    const { stage, invite } = ringing();
    const text = invite.text.replace('CSeq: 1 INVITE', 'CSeq: 1 CANCEL');
    stage.response('staff', responseTo(text, 200));
    assert.deepEqual(stage.strays, ['response']);
  });

  it('is nobody’s while it has to wait', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'), 5);
    const invite = stage.take().at(-1) as Sent;
    stage.request(stage.globex, fromPartner('CANCEL'), 6);
    stage.response('staff', responseTo(invite.text.replace('1 INVITE', '1 CANCEL'), 200));
    assert.deepEqual(stage.strays, ['response']);
  });
});
