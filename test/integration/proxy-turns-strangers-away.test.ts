import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { PartnerClient } from './support/partner-client.ts';
import { around } from './support/proxy-site.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

describe('a caller who is no partner', () => {
  let running: RunningProxy;
  let otherAuthority: Issued;
  before(async () => {
    running = await runningProxy();
    running.gateway.respond = ({ text }) => responseTo(text, '200 OK');
    otherAuthority = await createAuthority({ commonName: 'other', ...around() });
  });
  after(() => running.stop());

  const turnedAway = async (credentials: Issued | undefined, code: string) => {
    const { port, proxy, gateway } = running;
    const since = proxy.lines.length;
    const framesBefore = gateway.frames.length;
    const caller = await PartnerClient.connect(port, credentials);
    caller.send(request());
    await caller.expectClose();
    assert.equal(caller.received, '');
    const line = await proxy.line('connection-refused', since);
    assert.equal(line['code'], code);
    const frames = gateway.frames.slice(framesBefore);
    assert.equal(
      frames.some(({ type }) => type === FrameType.sip),
      false,
    );
  };

  it('without a certificate is turned away', () =>
    turnedAway(undefined, 'peer-certificate-missing'));

  it("with the right name from another's CA is turned away", async () => {
    const forged = await issueDomainCertificate(otherAuthority, {
      domains: ['globex.example'],
      ...around(),
    });
    await turnedAway(forged, 'path-not-found');
  });

  it('with another name from the right CA is turned away', async () => {
    const other = await issueDomainCertificate(running.site.partnerAuthority, {
      domains: ['initech.example'],
      ...around(),
    });
    await turnedAway(other, 'identity-unknown');
  });

  it('with an expired certificate is turned away', async () => {
    const old = await issueDomainCertificate(running.site.partnerAuthority, {
      domains: ['globex.example'],
      notBeforeMs: Date.now() - 2_000_000,
      notAfterMs: Date.now() - 1_000_000,
    });
    await turnedAway(old, 'path-expired');
  });

  it('who asks for a server name that is not ours is turned away', async () => {
    const { port, site } = running;
    const caller = await PartnerClient.connect(port, site.partner, { servername: 'x.example' });
    await caller.expectClose();
  });

  it('with a certificate for servers only is a partner all the same', async () => {
    const serverOnly = await issueDomainCertificate(running.site.partnerAuthority, {
      domains: ['globex.example'],
      usages: ['serverAuth'],
      ...around(),
    });
    const partner = await PartnerClient.connect(running.port, serverOnly);
    partner.send(request());
    await partner.expect('SIP/2.0 200 OK');
    partner.end();
  });
});
