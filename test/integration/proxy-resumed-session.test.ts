import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { PartnerClient } from './support/partner-client.ts';
import { behindIntermediate } from './support/proxy-site.ts';
import { runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

describe('a resumed TLS session', () => {
  it('is identified again, from its leaf alone', async () => {
    const running = await runningProxy();
    const { gateway, port, site } = running;
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const { chain } = await behindIntermediate(site.partnerAuthority, 'globex.example');
    const first = await PartnerClient.connect(port, chain);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    first.socket.on('session', resolve);
    first.send(request());
    await first.expect('SIP/2.0 200 OK');
    const session = await promise;
    const second = await PartnerClient.connect(port, chain, { session });
    assert.equal(second.socket.isSessionReused(), true);
    const before = gateway.frames.length;
    second.send(request());
    await second.expect('SIP/2.0 200 OK');
    assert.ok(gateway.frames.slice(before).some(({ type }) => type === FrameType.sip));
    first.end();
    second.end();
    await running.stop();
  });

  it('from before a change of configuration is not resumed', async () => {
    const running = await runningProxy();
    const { gateway, port, site } = running;
    const first = await PartnerClient.connect(port, site.partner);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    first.socket.on('session', resolve);
    const session = await promise;
    assert.equal(
      (await gateway.configure(site.sign({ ...site.snapshot, version: 11 }))).accepted,
      true,
    );
    const second = await PartnerClient.connect(port, site.partner, { session });
    assert.equal(second.socket.isSessionReused(), false);
    first.end();
    second.end();
    await running.stop();
  });
});
