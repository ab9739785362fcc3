import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { PartnerClient } from './support/partner-client.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

describe('a MESSAGE from a partner', () => {
  let running: RunningProxy;
  before(async () => {
    running = await runningProxy();
  });
  after(() => running.stop());

  it('reaches the gateway with its flow, and the answer returns on the same connection', async () => {
    const { gateway, port, site } = running;
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const partner = await PartnerClient.connect(port, site.partner);
    partner.send(request({ body: 'hello' }));
    await partner.expect('SIP/2.0 200 OK');
    const opened = JSON.parse((await gateway.frame(FrameType.flowOpened)).text) as {
      partner: string;
      identities: string[];
      direction: string;
    };
    assert.equal(opened.partner, 'globex');
    assert.deepEqual(opened.identities, ['globex.example']);
    assert.equal(opened.direction, 'inbound');
    const message = await gateway.frame(FrameType.sip);
    assert.equal(message.text, request({ body: 'hello' }));
    assert.ok(message.exchange > 0);
    partner.end();
    const closed = await gateway.frame(FrameType.flowClosed);
    assert.equal(closed.flow, message.flow);
  });
});
