import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OwnName } from '@sallyport/app-gateway/domain/signalling.ts';
import {
  CoreStage,
  FakeOrigin,
  fromInside,
  fromPartner,
  header,
  headers,
  NORTH_ACME,
  responseTo,
  type Sent,
  SIP_ACME,
  SITE,
  startLine,
} from './core-stage.ts';

const INNER_CONTACT = 'Contact: <sip:bob@10.9.8.7:5070;transport=tls>';
const PLAIN: OwnName = { hostPort: 'sip.acme.example:5060', transport: 'tcp' };
const NAMES = [SIP_ACME, NORTH_ACME, PLAIN];

function uriOf(value: string): string {
  return value.slice(value.indexOf('<') + 1, value.indexOf('>'));
}

/** A stage that knows all three names, and a connection of globex through each listener. */
function staged() {
  const stage = new CoreStage({
    ...SITE,
    outsideNames: new Set(NAMES.map(({ hostPort }) => hostPort)),
  });
  const through = (name: OwnName) =>
    new FakeOrigin('outside', 'globex', `edge-1/0/${name.hostPort}`, stage.sent, name);
  return { stage, through };
}

/** A dialog that the partner begins through that listener: what its user agent remembers of it. */
function begunThrough(name: OwnName, callId: string) {
  const { stage, through } = staged();
  const extra = ['Contact: <sip:alice@198.51.100.20:5061>'];
  stage.request(through(name), fromPartner('INVITE', { extra, callId }));
  const inside = stage.take().at(-1) as Sent;
  stage.response('staff', responseTo(inside.text, 200, [INNER_CONTACT]));
  const { text } = stage.take().at(-1) as Sent;
  return { stage, through, answer: text };
}

function bye(answer: string, callId: string): string {
  return fromPartner('BYE', {
    uri: uriOf(header(answer, 'Contact')),
    to: '<sip:bob@acme.example>;tag=far1',
    via: 'SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKbye',
    cseq: 2,
    callId,
    extra: [`Route: ${header(answer, 'Record-Route')}`],
  });
}

describe('a partner is told the name of the listener that it came through', () => {
  for (const name of NAMES) {
    it(`${name.hostPort} by ${name.transport}: in Record-Route and Contact`, () => {
      const { answer } = begunThrough(name, 'one@globex.example');
      const end = `@${name.hostPort};transport=${name.transport}`;
      assert.ok(header(answer, 'Record-Route').endsWith(`${end};lr>`), answer);
      assert.ok(header(answer, 'Contact').endsWith(`${end}>`), answer);
    });
  }

  for (const first of NAMES) {
    for (const later of NAMES) {
      it(`${first.hostPort}, and comes back through ${later.hostPort}`, () => {
        const { stage, through, answer } = begunThrough(first, 'two@globex.example');
        stage.request(through(later), bye(answer, 'two@globex.example'));
        const inside = stage.one();
        assert.equal(inside.to, 'community');
        assert.equal(startLine(inside.text), 'BYE sip:bob@10.9.8.7:5070;transport=tls SIP/2.0');
        assert.deepEqual(headers(inside.text, 'Route'), []);
      });
    }
  }

  it('and is turned away with a route of a name that is none of ours', () => {
    const { stage, through, answer } = begunThrough(SIP_ACME, 'three@globex.example');
    const foreign = bye(answer, 'three@globex.example').replace(
      /^Route: .*$/m,
      'Route: <sip:edge.evil.example:5061;lr>',
    );
    stage.request(through(SIP_ACME), foreign);
    assert.match(startLine(stage.one().text), /403/);
  });
});

describe('a request to a partner carries the name of the connection that it goes over', () => {
  for (const name of NAMES) {
    it(`${name.hostPort} by ${name.transport}: in Via, Record-Route and Contact`, () => {
      const { stage } = staged();
      stage.ownName = name;
      stage.request(stage.staff, fromInside('SUBSCRIBE', { extra: [INNER_CONTACT] }));
      const { text } = stage.one();
      const transport = name.transport.toUpperCase();
      assert.ok(header(text, 'Via').startsWith(`SIP/2.0/${transport} ${name.hostPort};branch=`));
      const end = `@${name.hostPort};transport=${name.transport}`;
      assert.ok(header(text, 'Record-Route').endsWith(`${end};lr>`), text);
      assert.ok(header(text, 'Contact').endsWith(`${end}>`), text);
      stage.response('globex', responseTo(text, 202));
      assert.equal(startLine(stage.one().text), 'SIP/2.0 202 Reason');
    });
  }

  it('and another one when another connection is tried', () => {
    const { stage } = staged();
    stage.request(stage.staff, fromInside('MESSAGE'));
    const first = stage.one();
    stage.ownName = NORTH_ACME;
    stage.core.transportFailed(first.number, () => true, '198.51.100.7:5061', false);
    const second = stage.one();
    assert.match(header(first.text, 'Via'), /TLS sip\.acme\.example:5061;/);
    assert.match(header(second.text, 'Via'), /TLS north\.acme\.example:5071;/);
  });

  it('and so do its CANCEL and the ACK to its rejection', () => {
    const { stage } = staged();
    stage.ownName = NORTH_ACME;
    stage.request(stage.staff, fromInside('INVITE', { extra: [INNER_CONTACT] }));
    const invite = stage.take().at(-1) as Sent;
    stage.ownName = SIP_ACME;
    stage.response('globex', responseTo(invite.text, 486));
    const ack = stage.take().find(({ text }) => text.startsWith('ACK')) as Sent;
    assert.equal(header(ack.text, 'Via'), header(invite.text, 'Via'));
  });
});

describe('a sips: URI', () => {
  const GLOBEX = SITE.partnerById.get('globex');
  assert.ok(GLOBEX !== undefined);
  const plain = { ...GLOBEX, transport: 'tcp' as const };
  const site = {
    ...SITE,
    partnerByDomain: new Map([['globex.example', plain]]),
    partnerById: new Map([['globex', plain]]),
  };

  for (const [what, parts] of [
    ['as Request-URI', { uri: 'sips:alice@globex.example' }],
    ['as Route', { extra: ['Route: <sips:edge.globex.example;lr>'] }],
  ] as const) {
    it(`${what} never goes to a partner over plain TCP (RFC 5630 §5.3)`, () => {
      const stage = new CoreStage(site);
      stage.ownName = PLAIN;
      stage.request(stage.staff, fromInside('MESSAGE', parts));
      const { to, text } = stage.one();
      assert.equal(to, 'origin');
      assert.equal(startLine(text), 'SIP/2.0 480 Temporarily Unavailable');
      assert.equal(header(text, 'Warning'), '380 sallyport "SIPS Not Allowed"');
      assert.deepEqual(stage.refusals, ['sips-over-plain-tcp']);
    });
  }

  it('leads to no Contact that is none, whatever a partner makes of what it was shown (RFC 5630 §5.3)', () => {
    const stage = new CoreStage();
    const extra = ['Contact: <sip:bob@10.9.8.7:5070>'];
    stage.request(stage.staff, fromInside('SUBSCRIBE', { extra }));
    const shown = uriOf(header(stage.one().text, 'Contact'));
    const asked = [shown.replace('sip:', 'sips:'), shown];
    asked.forEach((uri, at) => {
      const via = `SIP/2.0/TLS x;branch=z9hG4bK${at}`;
      stage.request(
        stage.globex,
        fromPartner('NOTIFY', { uri, via, to: '<sip:b@acme.example>;tag=1' }),
      );
    });
    assert.deepEqual(
      stage.take().map(({ text }) => startLine(text)),
      ['SIP/2.0 480 Temporarily Unavailable', 'NOTIFY sip:bob@10.9.8.7:5070 SIP/2.0'],
    );
    assert.deepEqual(stage.refusals, ['sips-to-sip']);
  });

  it('asks for TLS of whatever carries it, and sip: does not', () => {
    const stage = new CoreStage();
    for (const scheme of ['sip', 'sips'] as const) {
      const via = `SIP/2.0/TLS x;branch=z9hG4bK${scheme}`;
      stage.request(stage.staff, fromInside('MESSAGE', { uri: `${scheme}:a@globex.example`, via }));
      assert.equal(stage.one().target?.isSecure, scheme === 'sips');
    }
  });

  it('is what a partner with TLS is told where it asked by one, and a plain one is not', () => {
    for (const [name, scheme] of [
      [NORTH_ACME, 'sips:'],
      [PLAIN, 'sip:'],
    ] as const) {
      const { stage } = staged();
      stage.ownName = name;
      const extra = ['Contact: <sips:bob@10.9.8.7:5070>'];
      stage.request(stage.staff, fromInside('SUBSCRIBE', { extra }));
      assert.ok(uriOf(header(stage.one().text, 'Contact')).startsWith(scheme));
    }
  });
});
