import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  FakeLink,
  fromInside,
  fromPartner,
  header,
  headers,
  message,
  responseTo,
  type Sent,
  startLine,
} from './core-stage.ts';

const MIN_MS = 60_000;
const anyLink = () => true;

function lines(sent: readonly Sent[]): string[] {
  return sent.map(({ to, text }) => `${to} ${startLine(text)}`);
}

describe('an INVITE from a partner', () => {
  function ringing() {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'), 5);
    const [trying, invite] = stage.take();
    assert.ok(trying && invite);
    return { stage, trying, invite };
  }

  it('is answered 100 at once', () => {
    const { trying, invite } = ringing();
    assert.equal(startLine(trying.text), 'SIP/2.0 100 Trying');
    assert.equal(trying.isFinal, false);
    assert.doesNotMatch(header(trying.text, 'To'), /tag/);
    assert.equal(startLine(invite.text), 'INVITE sip:bob@acme.example SIP/2.0');
    assert.match(
      header(invite.text, 'Record-Route'),
      /^<sip:sp1-[\w-]+@gateway-1\.inner\.example:5061;transport=tls;lr>$/,
    );
  });

  it('sees 180 and 200, but no 100 of the far side; further 2xx too', () => {
    const { stage, invite } = ringing();
    stage.response('staff', responseTo(invite.text, 100));
    assert.deepEqual(stage.take(), []);
    stage.response('staff', responseTo(invite.text, 180));
    const ring = stage.one();
    assert.deepEqual([startLine(ring.text), ring.isFinal], ['SIP/2.0 180 Reason', false]);
    stage.response('staff', responseTo(invite.text, 200));
    const ok = stage.one();
    assert.deepEqual([ok.number, ok.isFinal], [5, true]);
    assert.match(
      header(ok.text, 'Record-Route'),
      /^<sip:sp1-[\w-]+@sip\.acme\.example:5061;transport=tls;lr>$/,
    );
    stage.response('staff', responseTo(invite.text, 200, [], 'other'));
    assert.equal(stage.take().length, 1);
    stage.pass(33_000);
    assert.equal(stage.core.size, 0);
    stage.response('staff', responseTo(invite.text, 200));
    assert.deepEqual(stage.take(), []);
    assert.deepEqual(stage.strays, ['response']);
  });

  it('acknowledges a rejection hop by hop with the branch of the INVITE (RFC 3261 §17.1.1.3)', () => {
    const { stage, invite } = ringing();
    stage.response('staff', responseTo(invite.text, 486));
    const [ack, busy] = stage.take();
    assert.ok(ack && busy);
    assert.equal(startLine(ack.text), 'ACK sip:bob@acme.example SIP/2.0');
    assert.equal(ack.where, invite.where);
    assert.equal(header(ack.text, 'Via'), headers(invite.text, 'Via')[0]);
    assert.equal(header(ack.text, 'To'), '<sip:bob@acme.example>;tag=far1');
    assert.equal(header(ack.text, 'CSeq'), '1 ACK');
    assert.equal(startLine(busy.text), 'SIP/2.0 486 Reason');
    stage.request(stage.globex, fromPartner('ACK', { to: '<sip:bob@acme.example>;tag=far1' }));
    assert.deepEqual(stage.take(), []);
    assert.equal(stage.core.size, 0);
  });

  it('waits with a CANCEL for a provisional response (RFC 3261 §9.1)', () => {
    const { stage, invite } = ringing();
    stage.request(stage.globex, fromPartner('CANCEL'), 6);
    const ok = stage.one();
    assert.deepEqual([startLine(ok.text), ok.number, ok.isFinal], ['SIP/2.0 200 OK', 6, true]);
    assert.equal(header(ok.text, 'CSeq'), '1 CANCEL');
    stage.response('staff', responseTo(invite.text, 180));
    const [ring, cancel] = stage.take();
    assert.match(ring?.text ?? '', /^SIP\/2\.0 180/);
    assert.equal(startLine(cancel?.text ?? ''), 'CANCEL sip:bob@acme.example SIP/2.0');
    assert.equal(header(cancel?.text ?? '', 'Via'), headers(invite.text, 'Via')[0]);
    stage.response('staff', responseTo(cancel?.text ?? '', 200));
    assert.deepEqual(stage.take(), []);
    stage.response('staff', responseTo(invite.text, 487));
    assert.deepEqual(lines(stage.take()), [
      'community ACK sip:bob@acme.example SIP/2.0',
      'origin SIP/2.0 487 Reason',
    ]);
  });

  it('is cancelled at once where it rings', () => {
    const { stage, invite } = ringing();
    stage.response('staff', responseTo(invite.text, 180));
    stage.take();
    stage.request(stage.globex, fromPartner('CANCEL'), 6);
    assert.deepEqual(lines(stage.take()), [
      'origin SIP/2.0 200 OK',
      'community CANCEL sip:bob@acme.example SIP/2.0',
    ]);
    stage.pass(33_000);
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 487 Request Terminated']);
  });

  it('is given a 2xx that crossed the CANCEL, however late', () => {
    const { stage, invite } = ringing();
    stage.response('staff', responseTo(invite.text, 180));
    stage.request(stage.globex, fromPartner('CANCEL'), 6);
    stage.take();
    stage.response('staff', responseTo(invite.text, 200));
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 200 Reason']);
  });

  it('is cancelled when it rings longer than timer C, which each 18x starts anew (RFC 3261 §16.8)', () => {
    const { stage, invite } = ringing();
    stage.response('staff', responseTo(invite.text, 180));
    stage.pass(3 * MIN_MS);
    stage.response('staff', responseTo(invite.text, 180));
    stage.take();
    stage.pass(3 * MIN_MS);
    assert.deepEqual(stage.take(), []);
    stage.pass(6000);
    assert.deepEqual(lines(stage.take()), ['community CANCEL sip:bob@acme.example SIP/2.0']);
    stage.pass(33_000);
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 408 Request Timeout']);
  });

  it('is not confused by its own repetition', () => {
    const { stage } = ringing();
    stage.request(stage.globex, fromPartner('INVITE'), 6);
    assert.deepEqual(stage.take(), []);
    assert.deepEqual(stage.globex.abandoned, [6]);
  });

  it('goes on although its connection inside is lost once it rings', () => {
    const { stage, invite } = ringing();
    stage.response('staff', responseTo(invite.text, 180));
    stage.take();
    stage.core.linkLost(stage.link(invite.where, 'staff', ''));
    assert.deepEqual(stage.take(), []);
    stage.response('staff', responseTo(invite.text, 200));
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 200 Reason']);
  });
});

describe('fail-over', () => {
  it('takes the next host after a 503, and makes a 500 of the last one (RFC 3261 §16.7 step 6)', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    stage.response('staff', responseTo(stage.one().text, 503));
    const second = stage.one();
    assert.equal(second.where, 'staff/two.inner.example:5061');
    stage.response('staff', responseTo(second.text, 503));
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 500 Server Internal Error']);
  });

  it('skips a host that takes nothing', () => {
    const stage = new CoreStage();
    stage.broken.add('staff/one.inner.example:5061');
    stage.request(stage.globex, fromPartner('INVITE'));
    const [trying, invite] = stage.take();
    assert.match(trying?.text ?? '', /^SIP\/2\.0 100/);
    assert.equal(invite?.where, 'staff/two.inner.example:5061');
  });

  it('says 503 with Retry-After when no host can be reached', () => {
    for (const isKnown of [true, false]) {
      const stage = new CoreStage();
      if (isKnown) stage.up = [];
      else for (const host of stage.up) stage.broken.add(host);
      stage.request(stage.globex, fromPartner('MESSAGE'));
      const { text, isFinal } = stage.one();
      assert.equal(startLine(text), 'SIP/2.0 503 Service Unavailable');
      assert.equal(header(text, 'Retry-After'), '5');
      assert.equal(isFinal, true);
      assert.equal(stage.core.size, 0);
    }
  });

  it('tries other addresses of a partner, each time without those that failed', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'));
    stage.response('globex', responseTo(stage.one().text, 503));
    const second = stage.one();
    assert.deepEqual(second.target?.avoid, ['198.51.100.7:5061']);
    stage.core.transportFailed(second.number, anyLink, '198.51.100.8:5061', false);
    const third = stage.one();
    assert.deepEqual(third.target?.avoid, ['198.51.100.7:5061', '198.51.100.8:5061']);
    stage.core.transportFailed(third.number, anyLink, undefined, false);
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 500 Server Internal Error']);
  });

  it('may go to the same address where only the connection was the wrong one', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'));
    stage.core.transportFailed(stage.one().number, anyLink, undefined, false);
    assert.deepEqual(stage.one().target?.avoid, []);
  });

  it('ends at once when the proxy has tried all addresses of a partner', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'));
    stage.core.transportFailed(stage.one().number, anyLink, undefined, true);
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 500 Server Internal Error']);
  });

  it('goes on whatever a proxy says that does not carry it', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'));
    const asked = stage.one();
    const [link] = stage.links.values();
    assert.ok(link);
    const foreign = new FakeLink('', 'globex', 'edge-2/0/9');
    stage.core.transportFailed(
      asked.number,
      (other: unknown) => other === foreign,
      undefined,
      true,
    );
    stage.core.sent(asked.number, foreign, foreign);
    stage.core.linkLost(foreign);
    stage.core.sent(asked.number, link, new FakeLink('', 'initech', ''));
    assert.deepEqual(stage.take(), []);
    stage.core.sent(asked.number, link, foreign);
    stage.core.linkLost(foreign);
    assert.deepEqual(stage.one().target?.avoid, []);
  });

  it('says 503 inside when there is no proxy at all', () => {
    const stage = new CoreStage();
    stage.isUp = false;
    stage.broken.add('globex');
    stage.request(stage.staff, fromInside('MESSAGE'));
    const { text } = stage.one();
    assert.equal(startLine(text), 'SIP/2.0 503 Service Unavailable');
    assert.equal(header(text, 'Retry-After'), '5');
  });

  it('sends CANCEL and the ACK to a rejection over the connection of their INVITE', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('INVITE'));
    const [, invite] = stage.take();
    const placed = stage.link('203.0.113.9:5061', 'globex', 'edge-2/1/44');
    const [asked] = [...stage.links.values()].filter(({ peer }) => peer === 'globex');
    assert.ok(asked);
    stage.core.sent(invite?.number ?? 0, asked, placed);
    stage.response('globex', responseTo(invite?.text ?? '', 180));
    stage.request(stage.staff, fromInside('CANCEL'));
    const cancel = stage.take().at(-1);
    assert.match(cancel?.text ?? '', /^CANCEL/);
    assert.equal(cancel?.target?.flow, 'edge-2/1/44');
    stage.response('globex', responseTo(invite?.text ?? '', 487));
    const [ack] = stage.take();
    assert.match(ack?.text ?? '', /^ACK/);
    assert.equal(ack?.target?.flow, 'edge-2/1/44');
  });
});

describe('timers of a request that is no INVITE', () => {
  it('says 100 only after the slowest repetition, and no 408 ever (RFC 4320)', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    stage.take();
    stage.pass(3400);
    assert.deepEqual(stage.take(), []);
    stage.pass(200);
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 100 Trying']);
    assert.deepEqual(stage.globex.abandoned, []);
    stage.pass(40_000);
    assert.deepEqual(stage.take(), []);
    assert.equal(stage.core.size, 0);
    assert.deepEqual(stage.globex.abandoned, [1]);
  });

  it('absorbs a repetition, and answers under the exchange that came first', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'), 4);
    const { text } = stage.one();
    stage.request(stage.globex, fromPartner('MESSAGE'), 5);
    assert.deepEqual(stage.take(), []);
    assert.deepEqual(stage.globex.abandoned, [5]);
    stage.response('staff', responseTo(text, 200));
    const ok = stage.one();
    assert.deepEqual([ok.number, ok.isFinal], [4, true]);
    assert.deepEqual(stage.globex.abandoned, [5]);
  });

  it('forwards no 408 and no provisional response of the far side', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    const { text } = stage.one();
    stage.response('staff', responseTo(text, 183));
    stage.response('staff', responseTo(text, 408));
    assert.deepEqual(stage.take(), []);
    assert.equal(stage.core.size, 0);
    assert.deepEqual(stage.globex.abandoned, [1]);
  });
});

describe('responses', () => {
  it('count only from the peer that was asked, for the method that was asked', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'));
    const { text } = stage.one();
    stage.response('initech', responseTo(text, 200));
    stage.response('staff', responseTo(text, 200));
    stage.response('globex', responseTo(text, 200).replace('1 MESSAGE', '1 BYE'));
    stage.response('globex', responseTo(text, 200).replace('node1.epoch00001', 'node1.epoch99999'));
    stage.response('globex', responseTo(text, 200).replace(/branch=[^;]+/, 'branch=z9hG4bKother'));
    stage.response('globex', responseTo(text, 200).replace(/(branch=[^;]+)/, '$1x'));
    assert.deepEqual(stage.take(), []);
    assert.equal(stage.strays.length, 6);
    stage.response('globex', responseTo(text, 200));
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 200 Reason']);
  });

  it('count only under the sent-by that the request went out with, from either side (RFC 3261 §18.1.2)', () => {
    const stage = new CoreStage();
    const asked = [
      [stage.globex, fromPartner('MESSAGE'), 'staff', 'gateway-1.inner.example'],
      [stage.staff, fromInside('MESSAGE'), 'globex', 'sip.acme.example'],
    ] as const;
    for (const [origin, request, far, own] of asked) {
      stage.request(origin, request);
      const answer = responseTo(stage.one().text, 200);
      for (const other of [
        'other.example:5061',
        `${own}:5062`,
        `x${own}:5061`,
        'gateway-2.inner.example',
      ]) {
        stage.response(far, answer.replace(`${own}:5061`, other));
        assert.deepEqual(stage.strays.splice(0), ['response'], other);
      }
      assert.deepEqual(stage.take(), []);
      // The port may be left out where it is the default, and letters are letters.
      stage.response(far, answer.replace(`${own}:5061`, own.toUpperCase()));
      assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 200 Reason']);
    }
  });

  it('are dropped when malformed', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'));
    const { text } = stage.one();
    stage.response('globex', responseTo(text, 200, ['Contact: <<>']));
    assert.deepEqual(stage.strays, ['response']);
  });

  it('go nowhere when the far side comes with Via lines of its own', () => {
    const stage = new CoreStage();
    stage.response(
      'globex',
      message([
        'SIP/2.0 200 OK',
        'Via: SIP/2.0/TLS victim.example;branch=z9hG4bKx',
        'From: <sip:a@globex.example>;tag=1',
        'To: <sip:b@acme.example>;tag=2',
        'Call-ID: c',
        'CSeq: 1 MESSAGE',
      ]),
    );
    assert.deepEqual(stage.take(), []);
    assert.deepEqual(stage.strays, ['response']);
  });
});
