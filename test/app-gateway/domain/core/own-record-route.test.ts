import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  fromInside,
  fromPartner,
  header,
  headers,
  responseTo,
  type Sent,
  startLine,
} from './core-stage.ts';
import {
  begunByPartner,
  begunInside,
  calleeDialog,
  type Dialog,
  INNER_CONTACT,
  INNER_ROUTE,
  insideSends,
  PARTNER_CONTACT,
  partnerSends,
  uriOf,
} from './dialog-stage.ts';

describe('the inner route of a dialog whose Contact inside was replaced', () => {
  const refreshed = '<sip:bob@10.9.8.8:5070;transport=tls>';
  const begun = { 'a partner': begunByPartner, 'the inside': begunInside };
  /** Where the partner's next request goes. */
  const assertWay = (stage: CoreStage, partner: Dialog, uri = uriOf(refreshed)) => {
    partnerSends(stage, 'INFO', partner);
    const { text } = stage.take().find(({ to }) => to === 'community') as Sent;
    assert.equal(startLine(text), `INFO ${uri} SIP/2.0`);
    assert.deepEqual(headers(text, 'Route'), [INNER_ROUTE]);
    assert.equal(stage.preferred.at(-1), 'one.inner.example:5061');
  };

  for (const [who, begin] of Object.entries(begun)) {
    // RFC 3261 §12.2.1.2: the remote target changes, the route set never.
    for (const [name, above] of Object.entries({ 'without ': '', 'with ': INNER_ROUTE })) {
      it(`stands after a re-INVITE of the partner, ${name}Record-Route in the answer (${who} began)`, () => {
        const { stage, partner } = begin('INVITE');
        partnerSends(stage, 'INVITE', partner);
        const { text } = stage.take().find(({ to }) => to === 'community') as Sent;
        const extra = [`Contact: ${refreshed}`, ...(above ? [`Record-Route: ${above}`] : [])];
        stage.response('staff', responseTo(text, 200, extra));
        const answer = stage.take().at(-1) as Sent;
        assert.deepEqual(headers(answer.text, 'Record-Route'), []);
        const target = uriOf(header(answer.text, 'Contact'));
        assert.notEqual(target, partner.target);
        assertWay(stage, { ...partner, target });
      });
    }

    for (const method of ['UPDATE', 'INVITE', 'NOTIFY']) {
      it(`stands after ${method} from inside (${who} began)`, () => {
        const { stage, partner, inside } = begin(method === 'NOTIFY' ? 'SUBSCRIBE' : 'INVITE');
        insideSends(stage, method, inside, [`Contact: ${refreshed}`]);
        const sent = stage.take().find(({ to }) => to === 'partner') as Sent;
        assertWay(stage, { ...partner, target: uriOf(header(sent.text, 'Contact')) });
      });
    }

    it(`leads to an address of record too (${who} began)`, () => {
      const { stage, partner, inside } = begin('INVITE');
      insideSends(stage, 'UPDATE', inside, ['Contact: <sip:bob@acme.example>']);
      const sent = stage.take().find(({ to }) => to === 'partner') as Sent;
      assert.equal(header(sent.text, 'Contact'), '<sip:bob@acme.example>');
      const target = uriOf(header(sent.text, 'Contact'));
      assertWay(stage, { ...partner, target }, target);
    });
  }

  it('is not lent to another partner, nor to a request that begins a dialog', () => {
    const { stage, partner } = begunByPartner('INVITE');
    const target = 'sip:bob@acme.example';
    partnerSends(stage, 'INFO', { ...partner, target }, stage.initech);
    assert.deepEqual(headers(stage.one().text, 'Route'), []);
    const [, route] = partner.routes;
    const extra = [`Route: ${route}`];
    stage.request(stage.globex, fromPartner('MESSAGE', { extra }));
    assert.deepEqual(headers(stage.one().text, 'Route'), []);
  });

  it('is left out where it is too long to hide, and the dialog goes on', () => {
    const stage = new CoreStage();
    const long = `<sip:${'x'.repeat(3100)}.inner.example;lr>`;
    const extra = [`Record-Route: ${long}`];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const sent = stage.take().at(-1) as Sent;
    assert.match(header(sent.text, 'Record-Route'), /^<sip:sp1-[\w-]{20,200}@/);
    const routes = headers(sent.text, 'Record-Route');
    const target = 'sip:bob@acme.example';
    partnerSends(stage, 'INFO', { callId: header(sent.text, 'Call-ID'), target, routes });
    assert.deepEqual(headers(stage.one().text, 'Route'), []);
  });
});

describe('NOTIFY within a dialog', () => {
  // RFC 6665 §4.3: whoever wants to stay in the path is in all of them; a forked SUBSCRIBE has dialogs that only a NOTIFY began.
  it('brings the subscriber of a partner back by the inner route', () => {
    const { stage, inside } = begunByPartner('SUBSCRIBE');
    const extra = [`Contact: ${INNER_CONTACT}`, `Record-Route: ${INNER_ROUTE}`];
    insideSends(stage, 'NOTIFY', inside, extra);
    const { text } = stage.take().find(({ to }) => to === 'partner') as Sent;
    assert.equal(headers(text, 'Record-Route').length, 1);
    partnerSends(stage, 'SUBSCRIBE', calleeDialog(text));
    const sent = stage.take().find(({ to }) => to === 'community') as Sent;
    assert.deepEqual(headers(sent.text, 'Route'), [INNER_ROUTE]);
  });

  it('brings a subscriber inside back by us, under the Call-ID that the partner knows', () => {
    const { stage, partner, request } = begunInside('SUBSCRIBE');
    const extra = [`Contact: ${PARTNER_CONTACT}`];
    partnerSends(stage, 'NOTIFY', partner, undefined, extra);
    const { text } = stage.take().find(({ to }) => to === 'community') as Sent;
    assert.equal(header(text, 'Call-ID'), 'y@one.inner.example');
    insideSends(stage, 'SUBSCRIBE', calleeDialog(text));
    const sent = stage.take().find(({ to }) => to === 'partner') as Sent;
    assert.equal(startLine(sent.text), `SUBSCRIBE ${uriOf(PARTNER_CONTACT)} SIP/2.0`);
    assert.equal(header(sent.text, 'Call-ID'), header(request, 'Call-ID'));
  });

  it('has no Record-Route in its answer, whose reader has a route set', () => {
    const { stage, inside } = begunByPartner('SUBSCRIBE');
    insideSends(stage, 'NOTIFY', inside);
    const { text } = stage.take().find(({ to }) => to === 'partner') as Sent;
    stage.response('globex', responseTo(text, 200));
    assert.deepEqual(headers((stage.take().at(-1) as Sent).text, 'Record-Route'), []);
  });
});
