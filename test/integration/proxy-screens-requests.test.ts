import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { PartnerClient } from './support/partner-client.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request } from './support/sip-text.ts';

describe('a request that may not come in', () => {
  let running: RunningProxy;
  before(async () => {
    running = await runningProxy();
  });
  after(() => running.stop());

  const events = (...names: readonly string[]) => names.map((name) => `Event: ${name}`);
  const table: readonly (readonly [
    what: string,
    sent: string,
    answer: string,
    detail: string,
    closes: boolean,
  ])[] = [
    [
      "another's domain in From",
      request({ from: 'sip:mallory@initech.example' }),
      '403 Forbidden',
      '',
      false,
    ],
    [
      'a telephone number in From',
      request({ from: 'tel:+12125550100' }),
      '403 Forbidden',
      '',
      false,
    ],
    [
      'a method that was not agreed',
      request({ method: 'REFER' }),
      '405 Method Not Allowed',
      'Allow: INVITE, BYE, MESSAGE',
      false,
    ],
    [
      'an event package that was not agreed',
      request({ method: 'SUBSCRIBE', headers: events('dialog') }),
      '489 Bad Event',
      'Allow-Events: presence',
      false,
    ],
    ['a SUBSCRIBE without Event', request({ method: 'SUBSCRIBE' }), '489 Bad Event', '', false],
    [
      'two Content-Length fields',
      request({ headers: ['Content-Length: 0'] }),
      '400 Repeated Content-Length',
      '',
      true,
    ],
    [
      'a CSeq of another method',
      request().replace('CSeq: 1 MESSAGE', 'CSeq: 1 INVITE'),
      '400 CSeq Method Mismatch',
      '',
      false,
    ],
    [
      'another version of SIP',
      request().replace('acme.example SIP/2.0', 'acme.example SIP/3.0'),
      '505 Version Not Supported',
      '',
      false,
    ],
    [
      'a URI scheme we do not know',
      request({ requestUri: 'nobody:x' }),
      '416 Unsupported',
      '',
      false,
    ],
  ];

  for (const [what, sent, answer, detail, closes] of table) {
    it(`${what}: ${answer}${closes ? ', and the connection ends' : ''}`, async () => {
      const { port, site, gateway } = running;
      const framesBefore = gateway.frames.length;
      const partner = await PartnerClient.connect(port, site.partner);
      partner.send(sent);
      await partner.expect(`SIP/2.0 ${answer}`);
      await partner.expect(detail);
      if (closes) await partner.expectClose();
      else assert.equal(partner.closed, false);
      partner.end();
      const frames = gateway.frames.slice(framesBefore);
      assert.equal(
        frames.some(({ type }) => type === FrameType.sip),
        false,
      );
    });
  }

  it('a head larger than agreed ends the connection', async () => {
    const partner = await PartnerClient.connect(running.port, running.site.partner);
    const filler = Array.from({ length: 40 }, (_, i) => `X-${i}: ${'x'.repeat(1000)}`);
    partner.send(request({ headers: filler }));
    await partner.expectClose();
  });

  it('an ACK is never answered, whatever is wrong with it', async () => {
    const partner = await PartnerClient.connect(running.port, running.site.partner);
    partner.send(request({ method: 'ACK', from: 'sip:mallory@initech.example' }));
    partner.send(request({ method: 'REFER' }));
    await partner.expect('405 Method Not Allowed');
    assert.equal(partner.received.indexOf('SIP/2.0 405'), 0);
    partner.end();
  });

  it('an OPTIONS to the edge itself is answered there', async () => {
    const partner = await PartnerClient.connect(running.port, running.site.partner);
    partner.send(request({ method: 'OPTIONS', requestUri: 'sip:acme.example' }));
    await partner.expect('SIP/2.0 200 OK');
    await partner.expect('Accept: ');
    await partner.expect('Allow: ');
    partner.end();
  });

  it("an OPTIONS in the name of the partner's server is answered there too", async () => {
    const partner = await PartnerClient.connect(running.port, running.site.partner);
    const from = 'sip:edge.globex.example:5061';
    partner.send(request({ method: 'OPTIONS', requestUri: 'sip:acme.example', from }));
    await partner.expect('SIP/2.0 200 OK');
    partner.end();
  });

  it('no address of a user stands in the log', () => {
    const text = JSON.stringify(running.proxy.lines);
    for (const user of ['alice', 'bob', 'mallory', '12125550100']) {
      assert.equal(text.includes(user), false, user);
    }
  });
});
