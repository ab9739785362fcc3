import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { PartnerClient } from './support/partner-client.ts';
import { around, trusting } from './support/proxy-site.ts';
import { runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

describe('a partner that is severed', () => {
  it('loses its connections, those being made for it, and those that it makes', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const endpoint = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port };
    const running = await runningProxy((content) => ({
      ...content,
      limits: { ...content.limits, outboundConnectTimeoutMs: 60_000 },
      partners: content.partners.map((partner) => ({ ...partner, endpoints: [endpoint] })),
    }));
    const { gateway, port, site, proxy } = running;
    const partner = await PartnerClient.connect(port, site.partner);
    partner.send(request());
    await gateway.frame(FrameType.sip);
    const dialled = once(silent, 'connection');
    gateway.sendTo({ partner: 'globex', uri: 'sip:globex.example', avoid: [] }, 99, request());
    const [dial] = (await dialled) as [Socket];
    const dialEnded = once(dial.on('error', () => undefined).resume(), 'close');

    const before = performance.now();
    const severed = { ...site.snapshot, version: 12, partners: [], severed: ['globex'] };
    assert.equal((await gateway.configure(site.sign(severed))).accepted, true);
    await Promise.all([partner.expectClose(), dialEnded]);
    const failed = await gateway.frame(FrameType.sendFailed);
    assert.deepEqual([failed.exchange, failed.text], [99, '{"reason":"no-target"}']);
    assert.ok(performance.now() - before < 5000);
    const { code } = await proxy.line('identity-ended');
    assert.equal(code, 'partner-severed');
    const closed = await gateway.frame(FrameType.flowClosed);
    assert.equal(closed.text, '{"reason":"partner-severed"}');

    const again = await PartnerClient.connect(port, site.partner);
    await again.expectClose();
    const { code: refusal } = await proxy.line('connection-refused');
    assert.equal(refusal, 'identity-unknown');
    silent.close();
    await running.stop();
  });
});

describe('keys of a partner that are retired', () => {
  it('end their connection once what is under way is answered', async () => {
    const running = await runningProxy();
    const { gateway, port, site } = running;
    const partner = await PartnerClient.connect(port, site.partner);
    partner.send(request());
    const pending = await gateway.frame(FrameType.sip);
    const next = await issueDomainCertificate(site.siteAuthority, {
      domains: ['globex.example'],
      ...around(),
    });
    const trustSets = [trusting(site.siteAuthority.certificatePem, 't2')];
    const partners = site.snapshot.partners.map((entry) => ({ ...entry, trustSets }));
    const retired = { ...site.snapshot, version: 12, partners };
    assert.equal((await gateway.configure(site.sign(retired))).accepted, true);

    partner.send(request({ branch: 'z9hG4bKnew' }));
    await partner.expect('SIP/2.0 503');
    const { flow, exchange, text } = pending;
    gateway.send(flow, exchange, responseTo(text, '200 OK'), true);
    await partner.expect('SIP/2.0 200 OK');
    await partner.expectClose();

    gateway.respond = (frame) => responseTo(frame.text, '200 OK');
    const successor = await PartnerClient.connect(port, next);
    successor.send(request());
    await successor.expect('SIP/2.0 200 OK');
    successor.end();
    await running.stop();
  });
});
