import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { PartnerClient } from './support/partner-client.ts';
import { runningProxy } from './support/running-proxy.ts';
import { ours, request, responseTo } from './support/sip-text.ts';

it('a proxy told to stop answers what is under way, takes nothing new, and exits cleanly', async () => {
  const running = await runningProxy();
  const { gateway, port, site, proxy, healthPort } = running;
  const partner = await PartnerClient.connect(port, site.partner);
  partner.send(request({ callId: 'under-way' }));
  const message = await gateway.frame(FrameType.sip);
  proxy.signal('SIGTERM');
  await gateway.until(() => gateway.isProxyDraining, 'drain');
  const response = await fetch(`http://127.0.0.1:${healthPort}/health`);
  assert.deepEqual(await response.json(), { status: 'down', reason: 'draining' });
  partner.send(request({ callId: 'too-late', branch: 'z9hG4bK2' }));
  await partner.expect('SIP/2.0 503');
  assert.equal(partner.received.includes('under-way'), false);
  gateway.send(message.flow, message.exchange, responseTo(message.text, '200 OK'), true);
  await partner.expect('SIP/2.0 200 OK');
  await partner.expectClose();
  assert.equal(await proxy.exit(), 0);
  gateway.stop();
  site.remove();
});

it('a proxy told to stop waits for what a partner owes: its answer still comes to the gateway', async () => {
  const { gateway, port, site, proxy } = await runningProxy();
  const partner = await PartnerClient.connect(port, site.partner);
  partner.send(request({ callId: 'under-way' }));
  const { flow, exchange, text } = await gateway.frame(FrameType.sip);
  gateway.send(flow, exchange, responseTo(text, '200 OK'), true);
  const asked = ours(request({ callId: 'asked' }));
  gateway.send(flow, 0, asked);
  await partner.expect('asked');
  const before = gateway.frames.length;
  proxy.signal('SIGTERM');
  await gateway.until(() => gateway.isProxyDraining, 'drain');
  partner.send(responseTo(asked, '202 Accepted'));
  const answer = await gateway.frame(FrameType.sip, before);
  assert.match(answer.text, /^SIP\/2.0 202 Accepted/);
  await partner.expectClose();
  assert.equal(await proxy.exit(), 0);
  gateway.stop();
  site.remove();
});
