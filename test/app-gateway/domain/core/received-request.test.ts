import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  fromInside,
  fromPartner,
  header,
  headers,
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
