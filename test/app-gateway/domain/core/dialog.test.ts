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
  SITE,
  startLine,
} from './core-stage.ts';
import {
  begunByPartner,
  begunInside,
  calleeDialog,
  callerDialog,
  INNER_CONTACT,
  INNER_ROUTE,
  insideSends,
  PARTNER_CONTACT,
  PARTNER_ROUTE,
  partnerSends,
  uriOf,
} from './dialog-stage.ts';

const IN_DIALOG = [
  'ACK',
  'BYE',
  'PRACK',
  'UPDATE',
  'INFO',
  'REFER',
  'NOTIFY',
  'INVITE',
  'SUBSCRIBE',
];

describe('a dialog that a partner began', () => {
  it('shows the partner its own Record-Route below ours, and a Contact at our name', () => {
    const { answer } = begunByPartner('INVITE');
    const [ours, theirs, ...more] = headers(answer, 'Record-Route');
    assert.match(ours ?? '', /^<sip:sp1-[\w-]+@sip\.acme\.example:5061;transport=tls;lr>$/);
    assert.equal(theirs, PARTNER_ROUTE);
    assert.equal(more.length, 0);
    assert.match(
      header(answer, 'Contact'),
      /^<sip:sp1-[\w-]+@sip\.acme\.example:5061;transport=tls>$/,
    );
    assert.doesNotMatch(answer, /inner|10\.9/);
  });

  for (const method of IN_DIALOG) {
    it(`carries the partner's ${method} to the hidden Contact by the hidden route`, () => {
      const { stage, partner } = begunByPartner(method === 'NOTIFY' ? 'SUBSCRIBE' : 'INVITE');
      partnerSends(stage, method, partner);
      const sent = stage.take().find(({ to }) => to === 'community') as Sent;
      assert.equal(startLine(sent.text), `${method} sip:bob@10.9.8.7:5070;transport=tls SIP/2.0`);
      assert.deepEqual(headers(sent.text, 'Route'), [INNER_ROUTE]);
      assert.equal(header(sent.text, 'Call-ID'), 'x@globex.example');
      assert.equal(stage.preferred.at(-1), 'one.inner.example:5061');
      assert.equal(headers(sent.text, 'Record-Route').length, method === 'NOTIFY' ? 1 : 0);
    });

    it(`carries the inner ${method} back over the flow it began on`, () => {
      const { stage, inside } = begunByPartner(method === 'NOTIFY' ? 'SUBSCRIBE' : 'INVITE');
      insideSends(stage, method, inside);
      const sent = stage.take().find(({ to }) => to === 'partner') as Sent;
      assert.equal(startLine(sent.text), `${method} ${uriOf(PARTNER_CONTACT)} SIP/2.0`);
      assert.deepEqual(headers(sent.text, 'Route'), [PARTNER_ROUTE]);
      assert.equal(header(sent.text, 'Call-ID'), 'x@globex.example', 'the partner chose it');
      assert.equal(sent.target?.flow, 'edge-1/0/1');
      assert.equal(sent.target?.nextHop, uriOf(PARTNER_ROUTE));
    });
  }
});

describe('the inner route of a dialog', () => {
  const far = '<sip:two.inner.example:5061;lr>';
  const near = '<sip:one.inner.example:5061;lr>';

  it('is travelled from us to the callee', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'));
    const { text } = stage.take().at(-1) as Sent;
    const answered = text.replace(
      'Record-Route:',
      `Record-Route: ${far}, ${near}\r\nRecord-Route:`,
    );
    stage.response('staff', responseTo(answered, 200, [`Contact: ${INNER_CONTACT}`]));
    partnerSends(stage, 'BYE', callerDialog((stage.take().at(-1) as Sent).text));
    assert.deepEqual(headers(stage.one().text, 'Route'), [near, far]);
  });

  it('is travelled from us to the caller', () => {
    const stage = new CoreStage();
    const extra = [`Contact: ${INNER_CONTACT}`, `Record-Route: ${near}`, `Record-Route: ${far}`];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    partnerSends(stage, 'BYE', calleeDialog((stage.take().at(-1) as Sent).text));
    assert.deepEqual(headers(stage.one().text, 'Route'), [near, far]);
  });
});

describe('a Contact towards a partner', () => {
  const long = `<sip:one.inner.example:5061;lr;key=${'x'.repeat(1400)}>`;

  for (const routes of [[long], [long, INNER_ROUTE]]) {
    it(`is never longer than a Request-URI that the edge takes, and the inner route of ${routes.length} is travelled all the same`, () => {
      const stage = new CoreStage();
      const extra = [
        `Contact: ${INNER_CONTACT}`,
        ...routes.map((route) => `Record-Route: ${route}`),
      ];
      stage.request(stage.staff, fromInside('INVITE', { extra }));
      const dialog = calleeDialog((stage.take().at(-1) as Sent).text);
      assert.ok(dialog.target.length <= SITE.requestUriBytesMax, `${dialog.target.length}`);
      partnerSends(stage, 'BYE', dialog);
      const { text } = stage.one();
      assert.equal(startLine(text), `BYE ${uriOf(INNER_CONTACT)} SIP/2.0`);
      assert.deepEqual(headers(text, 'Route'), routes);
    });
  }

  it('is left out where it would be longer by itself', () => {
    const stage = new CoreStage();
    const extra = [`Contact: <sip:bob@10.9.8.7;x=${'y'.repeat(1600)}>, ${INNER_CONTACT}`];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const { target } = calleeDialog((stage.take().at(-1) as Sent).text);
    assert.ok(target.length < 200, `${target.length}`);
  });
});

describe('a dialog that began inside', () => {
  it('shows the inside its own Record-Route below ours and the partner’s above', () => {
    const { answer } = begunInside('INVITE');
    const [theirs, ours, inner, ...more] = headers(answer, 'Record-Route');
    assert.equal(theirs, PARTNER_ROUTE);
    assert.match(ours ?? '', /^<sip:sp1-[\w-]+@gateway-1\.inner\.example:5061;transport=tls;lr>$/);
    assert.equal(inner, INNER_ROUTE);
    assert.equal(more.length, 0);
    assert.equal(header(answer, 'Contact'), PARTNER_CONTACT);
    assert.equal(header(answer, 'Call-ID'), 'y@one.inner.example');
  });

  for (const method of IN_DIALOG) {
    it(`carries the inner ${method} under the Call-ID that the partner knows`, () => {
      const { stage, inside, partner } = begunInside(method === 'NOTIFY' ? 'SUBSCRIBE' : 'INVITE');
      insideSends(stage, method, inside);
      const sent = stage.take().find(({ to }) => to === 'partner') as Sent;
      assert.equal(startLine(sent.text), `${method} ${uriOf(PARTNER_CONTACT)} SIP/2.0`);
      assert.equal(header(sent.text, 'Call-ID'), partner.callId);
      assert.doesNotMatch(sent.text, /inner|10\.9/);
    });

    it(`carries the partner’s ${method} under the Call-ID that the inside knows`, () => {
      const { stage, partner } = begunInside(method === 'NOTIFY' ? 'SUBSCRIBE' : 'INVITE');
      partnerSends(stage, method, partner);
      const sent = stage.take().find(({ to }) => to === 'community') as Sent;
      assert.equal(startLine(sent.text), `${method} ${uriOf(INNER_CONTACT)} SIP/2.0`);
      assert.deepEqual(headers(sent.text, 'Route'), [INNER_ROUTE]);
      assert.equal(header(sent.text, 'Call-ID'), 'y@one.inner.example');
      if (method === 'ACK') return;
      stage.response('staff', responseTo(sent.text, 200));
      const answer = stage.take().at(-1) as Sent;
      assert.equal(header(answer.text, 'Call-ID'), partner.callId);
    });
  }

  it('keeps the masked Call-ID in CANCEL and in the ACK to a rejection', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('INVITE', { callId: 'z@one.inner.example' }));
    const invite = stage.take().at(-1) as Sent;
    const masked = header(invite.text, 'Call-ID');
    stage.response('globex', responseTo(invite.text, 180));
    stage.request(stage.staff, fromInside('CANCEL', { callId: 'z@one.inner.example' }));
    const cancel = stage.take().at(-1) as Sent;
    assert.match(cancel.text, /^CANCEL/);
    assert.equal(header(cancel.text, 'Call-ID'), masked);
    stage.response('globex', responseTo(invite.text, 487));
    const [ack, terminated] = stage.take();
    assert.equal(header(ack?.text ?? '', 'Call-ID'), masked);
    assert.equal(header(terminated?.text ?? '', 'Call-ID'), 'z@one.inner.example');
  });
});

describe('tokens of a dialog', () => {
  it('are understood by another gateway with the same cluster key', () => {
    const { partner, inside } = begunInside('INVITE');
    const other = new CoreStage(undefined, 'epoch00002');
    partnerSends(other, 'BYE', partner);
    assert.equal(startLine(other.one().text), `BYE ${uriOf(INNER_CONTACT)} SIP/2.0`);
    insideSends(other, 'BYE', inside);
    assert.equal(header(other.one().text, 'Call-ID'), partner.callId);
  });

  it('mean nothing to a gateway with another key, nor from another partner', () => {
    const { partner, stage } = begunInside('INVITE');
    const foreign = new CoreStage(undefined, 'epoch00002', Buffer.alloc(32, 8));
    partnerSends(foreign, 'MESSAGE', partner);
    assert.match(foreign.one().text, /^SIP\/2\.0 481 /);
    partnerSends(stage, 'MESSAGE', partner, stage.initech);
    assert.match(stage.one().text, /^SIP\/2\.0 481 /);
  });

  it('end with their partner, and nobody inherits them', () => {
    const { inside, stage } = begunInside('SUBSCRIBE');
    const partnerById = new Map([...SITE.partnerById].filter(([id]) => id !== 'globex'));
    const heir = SITE.partnerById.get('initech');
    assert.ok(heir);
    for (const partnerByDomain of [
      new Map([['initech.example', heir]]),
      new Map([['globex.example', heir]]),
    ]) {
      stage.core.replaceSite({ ...SITE, partnerById, partnerByDomain });
      insideSends(stage, 'NOTIFY', inside);
      assert.match(stage.one().text, /^SIP\/2\.0 481 /);
    }
  });

  it('are undone where a strict router made them the Request-URI (RFC 3261 §16.4)', () => {
    const { stage, partner } = begunInside('INVITE');
    const ours = partner.routes.find((route) => route.includes('sip.acme.example')) ?? '';
    stage.request(
      stage.globex,
      fromPartner('BYE', {
        uri: uriOf(ours),
        to: '<sip:bob@acme.example>;tag=far1',
        callId: partner.callId,
        extra: [`Route: <${partner.target}>`],
      }),
    );
    const sent = stage.one();
    assert.equal(startLine(sent.text), `BYE ${uriOf(INNER_CONTACT)} SIP/2.0`);
  });

  it('are nothing of ours at another name, even if a strict router seems to have been there', () => {
    const { stage, partner } = begunInside('INVITE');
    const ours = partner.routes.find((route) => route.includes('sip.acme.example')) ?? '';
    const uri = uriOf(ours).replace('sip.acme.example', 'sip.evil.example');
    assert.notEqual(uri, uriOf(ours));
    const extra = [`Route: <${partner.target}>`];
    const to = '<sip:bob@acme.example>;tag=far1';
    stage.request(stage.globex, fromPartner('BYE', { uri, to, callId: partner.callId, extra }));
    assert.equal(stage.one().to, 'origin');
  });

  it('stay the same over a dialog, so that a peer sees a stable Contact', () => {
    const first = begunInside('INVITE');
    const second = begunInside('INVITE');
    assert.equal(first.partner.target, second.partner.target);
  });
});

describe('Record-Route', () => {
  for (const method of ['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY', 'MESSAGE', 'OPTIONS', 'INFO']) {
    const isForming = ['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY'].includes(method);
    it(`${isForming ? 'is' : 'is not'} in a ${method}`, () => {
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner(method));
      const sent = stage.take().at(-1) as Sent;
      assert.equal(headers(sent.text, 'Record-Route').length, isForming ? 1 : 0);
    });
  }

  // RFC 3261 §16.6 step 4: the Request-URI or the topmost Route, as the request leaves.
  it('is sips where a Route of the request leads to a sips URI', () => {
    const stage = new CoreStage();
    const extra = ['Route: <sips:edge.globex.example;lr>'];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const sent = stage.take().at(-1) as Sent;
    assert.match(
      header(sent.text, 'Record-Route'),
      /^<sips:sp1-[\w-]+@sip\.acme\.example:5061;lr>$/,
    );
    stage.response('globex', responseTo(sent.text, 200, [`Contact: ${PARTNER_CONTACT}`]));
    const answer = stage.take().at(-1) as Sent;
    assert.match(
      header(answer.text, 'Record-Route'),
      /^<sips:sp1-[\w-]+@gateway-1\.inner\.example:5061;lr>$/,
    );
  });

  it('is sips where the request goes to a sips URI', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE', { uri: 'sips:bob@acme.example' }));
    const sent = stage.take().at(-1) as Sent;
    assert.match(
      header(sent.text, 'Record-Route'),
      /^<sips:sp1-[\w-]+@gateway-1\.inner\.example:5061;lr>$/,
    );
  });
});
