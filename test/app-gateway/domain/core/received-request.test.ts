import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  FakeOrigin,
  fromInside,
  fromPartner,
  header,
  headers,
  NORTH_ACME,
  type Sent,
  SITE,
  startLine,
} from './core-stage.ts';

describe('loops and spirals (RFC 5393 §4.2)', () => {
  function loopedVia(uriBack: string): { stage: CoreStage; answer: Sent } {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'));
    const out = stage.one();
    const via = `SIP/2.0/TLS edge.globex.example;branch=z9hG4bKback, ${header(out.text, 'Via')}`;
    const callId = header(out.text, 'Call-ID');
    const from = header(out.text, 'From');
    const to = header(out.text, 'To');
    stage.request(stage.globex, fromPartner('MESSAGE', { via, callId, from, to, uri: uriBack }));
    return { stage, answer: stage.one() };
  }

  it('482 when the same request comes back', () => {
    const { answer } = loopedVia('sip:alice@globex.example');
    assert.equal(startLine(answer.text), 'SIP/2.0 482 Loop Detected');
  });

  it('is none for a Via of somebody else, whatever it says', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE'));
    const own = header(stage.one().text, 'Via');
    const via = `SIP/2.0/TLS x.example;branch=z9hG4bKx, ${own.replace('sip.acme.example', 'evil.example')}`;
    stage.request(stage.staff, fromInside('MESSAGE', { via }));
    assert.equal(stage.one().to, 'partner');
  });

  it('lets a spiral to another address pass', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    const own = headers(stage.one().text, 'Via').join(', ');
    const via = `SIP/2.0/TLS x.example;branch=z9hG4bKspiral, ${own}`;
    stage.request(stage.globex, fromPartner('MESSAGE', { via, uri: 'sip:carol@acme.example' }));
    assert.equal(stage.one().to, 'community');
  });

  it('sees a loop over another gateway of the site', () => {
    const here = new CoreStage();
    here.request(here.globex, fromPartner('MESSAGE'));
    const inside = here.one();
    const there = new CoreStage({ ...SITE, innerHost: 'gateway-2.inner.example' }, 'epoch00002');
    const via = `SIP/2.0/TLS x.example;branch=z9hG4bKx, ${headers(inside.text, 'Via').join(', ')}`;
    there.request(there.globex, fromPartner('MESSAGE', { via }));
    assert.equal(startLine(there.one().text), 'SIP/2.0 482 Loop Detected');
  });
});

describe('a maddr that names us (RFC 3261 §16.4)', () => {
  const stage = new CoreStage();
  const north = new FakeOrigin('outside', 'globex', 'edge-1/0/9', stage.sent, NORTH_ACME);
  const { globex, staff } = stage;
  const inner = 'maddr=gateway-1.inner.example;transport=tls';
  //  whose                 made by      Request-URI                                      goes on as
  const table = [
    [
      'listener',
      globex,
      fromPartner,
      'sip:bob@acme.example;maddr=sip.acme.example;transport=tls',
      'sip:bob@acme.example',
    ],
    [
      'listener with a port of its own',
      north,
      fromPartner,
      'sip:bob@acme.example:5071;maddr=NORTH.acme.example;transport=tls',
      'sip:bob@acme.example',
    ],
    ['gateway', staff, fromInside, `sip:alice@globex.example;${inner}`, 'sip:alice@globex.example'],
  ] as const;
  for (const [name, origin, made, uri, goesOn] of table) {
    it(`goes off with what belongs to it: of the ${name}`, () => {
      stage.request(
        origin,
        made('MESSAGE', { uri, via: `SIP/2.0/TLS x.example;branch=z9hG4bK${name.length}` }),
      );
      assert.equal(startLine(stage.one().text), `MESSAGE ${goesOn} SIP/2.0`);
    });
  }

  it('stays where it came by another port', () => {
    const uri = 'sip:bob@acme.example;maddr=sip.acme.example;transport=tls';
    stage.request(north, fromPartner('MESSAGE', { uri }));
    assert.equal(startLine(stage.one().text), `MESSAGE ${uri} SIP/2.0`);
  });
});

describe('a Route of a first request (RFC 3261 §8.1.2)', () => {
  //  whose                                   Route                                        becomes of the request
  const table = [
    ['a partner, of our domain alone', 'outside', '<sip:acme.example;lr>', 'community'],
    ['a partner, of our domain with a port', 'outside', '<sip:acme.example:5070;lr>', '403'],
    ['inside, of the gateway', 'inside', '<sip:gateway-1.inner.example;lr>', 'partner'],
    [
      'inside, of something else on its host',
      'inside',
      '<sip:gateway-1.inner.example:5070;lr>',
      '403',
    ],
  ] as const;
  for (const [whose, side, route, becomes] of table) {
    it(`from ${whose}: ${becomes}`, () => {
      const stage = new CoreStage();
      const extra = [`Route: ${route}`];
      if (side === 'outside') stage.request(stage.globex, fromPartner('MESSAGE', { extra }));
      else stage.request(stage.staff, fromInside('MESSAGE', { extra }));
      const { to, text } = stage.one();
      if (to === 'origin') assert.equal(startLine(text), `SIP/2.0 ${becomes} Forbidden`);
      else assert.deepEqual([to, headers(text, 'Route')], [becomes, []]);
    });
  }
});
