import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  FakeOrigin,
  fromInside,
  fromPartner,
  header,
  headers,
  responseTo,
  startLine,
} from './core-stage.ts';

const told = (stage: CoreStage) =>
  stage.take().map(({ to, text }) => `${to} ${startLine(text).split(' ', 2).join(' ')}`);

/** What was sent on, and whoever it was sent to answers that it rings. */
function ringing(stage: CoreStage, peer: string): string {
  const forwarded = stage.take().at(-1)?.text ?? '';
  stage.response(peer, responseTo(forwarded, 180));
  stage.take();
  return forwarded;
}

function cancelOf(stage: CoreStage): string {
  const [cancel] = stage.take().filter(({ text }) => text.startsWith('CANCEL '));
  assert.ok(cancel, 'no CANCEL');
  return cancel.text;
}

describe('when the gateway ends, a call that rings', () => {
  it('rings no longer inside, and its caller may come again at once', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'), 1);
    const forwarded = ringing(stage, 'staff');
    assert.equal(stage.core.leave(), true);
    const [cancel, answer] = stage.take();
    assert.equal(header(cancel?.text ?? '', 'CSeq'), '1 CANCEL');
    assert.deepEqual(headers(cancel?.text ?? '', 'Via'), headers(forwarded, 'Via').slice(0, 1));
    assert.equal(startLine(answer?.text ?? ''), 'SIP/2.0 503 Service Unavailable');
    assert.equal(header(answer?.text ?? '', 'Retry-After'), '5');
    assert.equal(stage.core.unanswered, 0);
    assert.equal(stage.core.leave(), true, 'until it is known to be silent');
    stage.response('staff', responseTo(forwarded, 487));
    assert.equal(stage.core.leave(), false);
    assert.deepEqual(told(stage), ['community ACK sip:bob@acme.example'], 'and no second answer');
  });

  it('rings no longer at the partner', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('INVITE'), 1);
    ringing(stage, 'globex');
    stage.core.leave();
    assert.deepEqual(told(stage), [
      'partner CANCEL sip:alice@globex.example',
      'origin SIP/2.0 503',
    ]);
  });

  it('is cancelled as soon as it may be (RFC 3261 §9.1)', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'), 1);
    const forwarded = stage.take().at(-1)?.text ?? '';
    assert.equal(stage.core.leave(), true);
    assert.deepEqual(told(stage), ['origin SIP/2.0 503']);
    stage.response('staff', responseTo(forwarded, 180));
    assert.match(cancelOf(stage), /^CANCEL sip:bob@acme\.example /);
  });

  it('is no matter to what was answered, nor to what cannot be cancelled', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'), 1);
    stage.response('staff', responseTo(stage.take().at(-1)?.text ?? '', 200));
    const via = 'SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKother';
    stage.request(stage.globex, fromPartner('MESSAGE', { via }), 2);
    const message = stage.take().at(-1)?.text ?? '';
    assert.equal(stage.core.leave(), false);
    assert.deepEqual(told(stage), ['origin SIP/2.0 503']);
    stage.response('staff', responseTo(message, 200));
    assert.deepEqual(told(stage), []);
  });
});

describe('when a channel is lost, a call that came over it', () => {
  function lost() {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'), 1);
    const forwarded = ringing(stage, 'staff');
    Object.assign(stage.globex, { isOpen: false, isOrphaned: true });
    stage.core.originsLost();
    return { stage, forwarded };
  }

  it('rings no longer inside after a moment', () => {
    const { stage, forwarded } = lost();
    stage.pass(1900);
    assert.deepEqual(told(stage), []);
    stage.pass(200);
    assert.equal(header(cancelOf(stage), 'CSeq'), '1 CANCEL');
    stage.response('staff', responseTo(forwarded, 487));
    assert.deepEqual(told(stage), ['community ACK sip:bob@acme.example']);
    stage.pass(32_100);
    assert.equal(stage.core.size, 0);
  });

  it('rings no longer than that where channels are lost one after the other', () => {
    const { stage } = lost();
    stage.pass(1500);
    stage.core.originsLost();
    stage.pass(600);
    assert.equal(header(cancelOf(stage), 'CSeq'), '1 CANCEL');
  });

  it('rings on where it came again over another connection', () => {
    const { stage } = lost();
    const other = new FakeOrigin('outside', 'globex', 'edge-2/0/1', stage.sent);
    stage.request(other, fromPartner('INVITE'), 7);
    stage.take();
    stage.pass(3000);
    assert.deepEqual(told(stage), []);
  });

  it('is no matter to others, nor to one that was answered', () => {
    const { stage, forwarded } = lost();
    stage.response('staff', responseTo(forwarded, 200));
    const via = 'SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKother';
    const other = new FakeOrigin('outside', 'globex', 'edge-2/0/1', stage.sent);
    stage.request(other, fromPartner('INVITE', { via, callId: 'call-9' }), 7);
    ringing(stage, 'staff');
    stage.pass(3000);
    assert.deepEqual(told(stage), []);
  });
});
