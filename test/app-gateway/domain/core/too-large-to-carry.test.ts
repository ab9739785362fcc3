import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIP_BYTES_MAX } from '@sallyport/shared/channel/frame.ts';
import { CoreStage, fromInside, fromPartner, header, responseTo, startLine } from './core-stage.ts';

/** Within the limits of a new site: a line of 8 KiB, a head of 16. Of these 256 are hidden. */
const MANY = Array.from({ length: 550 }, (_, at) => `<sip:${at.toString(36)}@b>`).join(',');
/** Each Contact of a redirection is hidden with the route that leads to it, and is as long as a Request-URI may be then. */
const LONG_ROUTE = `<sip:one.inner.example;lr;x=${'y'.repeat(1400)}>`;
const CALL_IDS = Array.from({ length: 256 }, (_, at) => `${at.toString(36)}@b`).join(',');
const CONTACTS = [`Contact: ${MANY}`, `In-Reply-To: ${CALL_IDS}`];

/** A response with another proxy of the inside above us. */
function routed(request: string, status: number, toTag?: string): string {
  return responseTo(request, status, CONTACTS, toTag).replace(
    'Record-Route:',
    `Record-Route: ${LONG_ROUTE}\r\nRecord-Route:`,
  );
}

describe('what a server inside writes becomes larger than a channel carries', () => {
  function called(): { stage: CoreStage; invite: string } {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'));
    return { stage, invite: stage.take().at(-1)?.text ?? '' };
  }

  it('fits into the limits of its connection', () => {
    const { invite } = called();
    const text = routed(invite, 300);
    assert.ok(text.length < 16_384, String(text.length));
    assert.ok(MANY.length < 8192);
  });

  it('a final response: the partner hears 500, once', () => {
    const { stage, invite } = called();
    stage.response('staff', routed(invite, 300));
    const [ack, answer, ...more] = stage.take();
    assert.deepEqual(more, []);
    assert.match(ack?.text ?? '', /^ACK /);
    assert.equal(startLine(answer?.text ?? ''), 'SIP/2.0 500 Server Internal Error');
    assert.ok(answer?.isFinal);
  });

  it('a provisional one is left out, and the call goes on', () => {
    const { stage, invite } = called();
    stage.response('staff', routed(invite, 180));
    assert.deepEqual(stage.take(), []);
    stage.response('staff', responseTo(invite, 200));
    assert.equal(startLine(stage.one().text), 'SIP/2.0 200 Reason');
  });

  it('another 2xx is left out', () => {
    const { stage, invite } = called();
    stage.response('staff', responseTo(invite, 200));
    assert.equal(startLine(stage.one().text), 'SIP/2.0 200 Reason');
    stage.response('staff', routed(invite, 200, 'far2'));
    assert.deepEqual(stage.take(), []);
  });

  it('a request: it goes nowhere, and its sender hears so', () => {
    const stage = new CoreStage();
    const extra = [...CONTACTS, `Record-Route: ${LONG_ROUTE}`];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const sent = stage.take();
    assert.deepEqual(
      sent.map(({ to }) => to),
      ['origin', 'origin'],
    );
    assert.equal(startLine(sent[1]?.text ?? ''), 'SIP/2.0 500 Server Internal Error');
  });

  it('an ACK goes nowhere', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('INVITE'));
    const invite = stage.take().at(-1)?.text ?? '';
    stage.response('globex', responseTo(invite, 200));
    const route = header(stage.one().text, 'Record-Route');
    const to = '<sip:alice@globex.example>;tag=far1';
    const extra = [...CONTACTS, `Record-Route: ${LONG_ROUTE}`, `Route: ${route}`];
    stage.request(stage.staff, fromInside('ACK', { to, extra }));
    assert.deepEqual(stage.take(), []);
  });

  it('what a channel carries goes, however much larger it became', () => {
    const { stage, invite } = called();
    const few = MANY.split(',').slice(0, 100).join(',');
    stage.response('staff', routed(invite, 300).replace(MANY, few));
    const answer = stage.take().at(-1);
    assert.equal(startLine(answer?.text ?? ''), 'SIP/2.0 300 Reason');
    const length = answer?.text.length ?? 0;
    assert.ok(length > 200_000 && length <= SIP_BYTES_MAX, String(length));
  });
});
