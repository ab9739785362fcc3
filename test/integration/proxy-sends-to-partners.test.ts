import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { DnsServer } from '../dns-server.ts';
import { PartnerClient } from './support/partner-client.ts';
import { type PartnerServer, partnerServer } from './support/partner-server.ts';
import { around } from './support/proxy-site.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { ours, request, responseTo } from './support/sip-text.ts';

describe('a request to a partner', () => {
  let running: RunningProxy;
  let dns: DnsServer;
  let good: PartnerServer;
  let wrong: PartnerServer;
  before(async () => {
    dns = await DnsServer.open({});
    running = await runningProxy((content) => ({ ...content, nameservers: [dns.address] }));
    good = await partnerServer(running.site.partner);
    const other = await issueDomainCertificate(running.site.partnerAuthority, {
      domains: ['sip.globex.example'],
      ...around(),
    });
    wrong = await partnerServer(other);
    const srv = (port: number, target: string, priority: number) =>
      ({ type: 'SRV', priority, weight: 1, port, target }) as const;
    dns.set('_sips._tcp.globex.example', [
      srv(good.port, 'sip.globex.example', 2),
      srv(1, 'sip.globex.example', 1),
    ]);
    dns.set('_sips._tcp.wrong.example', [srv(wrong.port, 'sip.globex.example', 1)]);
    dns.set('sip.globex.example', [{ type: 'A', address: '127.0.0.1' }]);
  });
  after(async () => {
    for (const server of [good, wrong]) server.close();
    await dns.close();
    await running.stop();
  });

  const target = { partner: 'globex', uri: 'sip:carol@globex.example', avoid: [] };

  it('finds the server by DNS, skips one that is down, and goes over one connection', async () => {
    const { gateway } = running;
    gateway.sendTo(target, 1, ours(request({ body: 'one' })));
    gateway.sendTo(target, 2, ours(request({ body: 'two' })));
    const sent = await gateway.frame(FrameType.sent);
    assert.deepEqual(JSON.parse(sent.text), { remoteAddress: '127.0.0.1', remotePort: good.port });
    const [call] = good.calls;
    await call?.until(
      ({ received }) => received.includes('one') && received.includes('two'),
      'both requests',
    );
    gateway.sendTo(target, 3, ours(request({ body: 'three' })));
    await call?.expect('three');
    assert.equal(good.calls.length, 1);
    assert.equal(call?.socket.getPeerCertificate().subject.CN, 'acme.example');
  });

  it('has its response handed to the gateway that sent it', async () => {
    const { gateway } = running;
    const [call] = good.calls;
    const before = gateway.frames.length;
    call?.send(responseTo(ours(request()), '202 Accepted'));
    const response = await gateway.frame(FrameType.sip, before);
    assert.match(response.text, /^SIP\/2.0 202 Accepted/);
    assert.equal(response.exchange, 0);
  });

  it('does not have a response passed on whose Via is not ours', async () => {
    const { gateway } = running;
    const [call] = good.calls;
    const before = gateway.frames.length;
    call?.send(responseTo(request(), '200 OK'));
    call?.send(responseTo(ours(request()), '200 Yes'));
    const response = await gateway.frame(FrameType.sip, before);
    assert.match(response.text, /^SIP\/2.0 200 Yes/);
  });

  it('is not sent to a server that does not prove the name in the URI', async () => {
    const { gateway } = running;
    const before = gateway.frames.length;
    gateway.sendTo({ ...target, uri: 'sip:carol@wrong.example' }, 4, ours(request()));
    const failed = await gateway.frame(FrameType.sendFailed, before);
    assert.equal(failed.exchange, 4);
    assert.deepEqual(JSON.parse(failed.text), { reason: 'identity' });
    for (const call of wrong.calls) {
      await call.expectClose();
      assert.equal(call.received, '');
    }
  });

  it('fails with a reason when there is nowhere to go, or all of it is to be avoided', async () => {
    const { gateway } = running;
    const reasonOf = async (exchange: number, uri: string, avoid: readonly string[]) => {
      const before = gateway.frames.length;
      gateway.sendTo({ partner: 'globex', uri, avoid }, exchange, ours(request()));
      const failed = await gateway.frame(FrameType.sendFailed, before);
      assert.equal(failed.exchange, exchange);
      return (JSON.parse(failed.text) as { reason: string }).reason;
    };
    assert.equal(await reasonOf(5, 'sip:carol@nowhere.example', []), 'no-target');
    const all = [`127.0.0.1:${good.port}`, '127.0.0.1:1'];
    assert.equal(await reasonOf(6, target.uri, all), 'no-target');
    assert.equal(await reasonOf(7, target.uri, [`127.0.0.1:${good.port}`]), 'connect');
  });

  it('uses the connection of a partner that asked for it with alias', async () => {
    const { gateway, port, site } = running;
    for (const call of good.calls) call.end();
    await gateway.until(
      () => gateway.frames.some(({ type }) => type === FrameType.flowClosed),
      'closed flow',
    );
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const partner = await PartnerClient.connect(port, site.partner);
    partner.send(request().replace(';branch', ';alias;branch'));
    await partner.expect('SIP/2.0 200 OK');
    gateway.respond = undefined;
    gateway.sendTo(target, 8, ours(request({ body: 'backwards' })));
    await partner.expect('backwards');
    partner.end();
  });
});
