import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { FakeGateway } from './support/fake-gateway.ts';
import { PartnerClient } from './support/partner-client.ts';
import { runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

it('requests whose gateway dies are answered 503 within a second, and another gateway takes over', async () => {
  const running = await runningProxy();
  const { gateway, port, site, channelPort } = running;
  const partner = await PartnerClient.connect(port, site.partner);
  partner.send(request({ method: 'INVITE', callId: 'one', body: 'v=0' }));
  partner.send(request({ callId: 'two', branch: 'z9hG4bK2' }));
  await gateway.until(
    () => gateway.frames.filter(({ type }) => type === FrameType.sip).length === 2,
    'both requests',
  );
  const lostAtMs = performance.now();
  gateway.stop();
  await partner.until(({ received }) => received.split('SIP/2.0 503').length === 3, 'two 503');
  assert.ok(performance.now() - lostAtMs < 1000);
  assert.match(partner.received, /Call-ID: one\r\nCSeq: 1 INVITE\r\nRetry-After: \d+/);
  assert.match(partner.received, /To: <sip:bob@acme.example>;tag=/);

  const { level, gateway: lost, reason } = await running.proxy.line('gateway-disconnected');
  assert.deepEqual([level, lost], ['warn', 'gateway-1']);
  assert.match(String(reason), /^[a-z-]+$/);

  partner.received = '';
  partner.send(request({ callId: 'three' }));
  await partner.expect('SIP/2.0 503');

  const second = await FakeGateway.connect(site, channelPort, 'gateway-2');
  second.respond = ({ text }) => responseTo(text, '200 OK');
  const opened = await second.frame(FrameType.flowOpened);
  assert.ok(opened.flow > 0, 'a gateway that comes later is told of flows that are open');
  partner.send(request({ callId: 'four' }));
  await partner.expect('SIP/2.0 200 OK');
  partner.end();
  second.stop();
  await running.stop();
});
