import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
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

  it('from before a change of trust is not resumed, from before any other change it is', async () => {
    const running = await runningProxy();
    const { gateway, port, site } = running;
    const first = await PartnerClient.connect(port, site.partner);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    first.socket.on('session', resolve);
    const session = await promise;
    const configured = async (version: number, change: Partial<PartnerSnapshot>) => {
      const partners = site.snapshot.partners.map((partner) => ({ ...partner, ...change }));
      const content = { ...site.snapshot, version, partners };
      assert.equal((await gateway.configure(site.sign(content))).accepted, true);
    };
    await configured(11, { messagesBurst: 7 });
    const second = await PartnerClient.connect(port, site.partner, { session });
    assert.equal(second.socket.isSessionReused(), true);
    await configured(12, { purposes: 'strict' });
    const third = await PartnerClient.connect(port, site.partner, { session });
    assert.equal(third.socket.isSessionReused(), false);
    for (const partner of [first, second, third]) partner.end();
    await running.stop();
  });
});
