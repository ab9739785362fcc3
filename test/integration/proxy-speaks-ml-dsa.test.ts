import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createAuthority, type Issued, issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { DnsServer } from '../dns-server.ts';
import { PartnerClient } from './support/partner-client.ts';
import { type PartnerServer, partnerServer } from './support/partner-server.ts';
import { around, trusting } from './support/proxy-site.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { ours, request, responseTo } from './support/sip-text.ts';

/** OpenSSL judges the path that the edge shows, in full. */
function trusts(root: Issued) {
  return { ca: [root.certificatePem], rejectUnauthorized: true };
}

describe('with certificates of ML-DSA on both sides, the edge', () => {
  let running: RunningProxy;
  let dns: DnsServer;
  let partner: Issued;
  let partnerRoot: Issued;
  let ownRoot: Issued;
  let server: PartnerServer;

  before(async () => {
    const kind = 'ml-dsa-87';
    partnerRoot = await createAuthority({ commonName: 'r', pathLength: 1, kind, ...around() });
    const middle = await issueIntermediate(partnerRoot, { commonName: 'm', kind, ...around() });
    const leaf = await issueDomainCertificate(middle, {
      domains: ['globex.example'],
      kind: 'ml-dsa-65',
      ...around(),
    });
    partner = { ...leaf, certificatePem: leaf.certificatePem + middle.certificatePem };
    ownRoot = await createAuthority({ commonName: 'acme public', kind, ...around() });
    const own = await issueDomainCertificate(ownRoot, {
      domains: ['acme.example'],
      kind,
      ...around(),
    });
    server = await partnerServer(partner);
    dns = await DnsServer.open({});
    dns.set('_sips._tcp.globex.example', [
      { type: 'SRV', priority: 1, weight: 1, port: server.port, target: 'sip.globex.example' },
    ]);
    dns.set('sip.globex.example', [{ type: 'A', address: '127.0.0.1' }]);
    const shown = { chainPem: own.certificatePem, keyPem: own.privateKeyPem };
    running = await runningProxy((content) => ({
      ...content,
      nameservers: [dns.address],
      identities: content.identities.map((identity) => ({ ...identity, ...shown })),
      partners: content.partners.map((one) => ({
        ...one,
        trustSets: [trusting(partnerRoot.certificatePem)],
      })),
    }));
  });
  after(async () => {
    server.close();
    await dns.close();
    await running.stop();
  });

  it('lets a partner in, and resumes its session', async () => {
    const { gateway, port } = running;
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const first = await PartnerClient.connect(port, partner, trusts(ownRoot));
    assert.equal(first.socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType, 'ml-dsa-87');
    assert.equal(first.socket.getProtocol(), 'TLSv1.3');
    first.send(request());
    await first.expect('SIP/2.0 200 OK');
    // A session that holds such certificates is too large for the platform's event, and comes before what was answered.
    const session = first.socket.getSession() ?? assert.fail();
    const second = await PartnerClient.connect(port, partner, { session });
    assert.equal(second.socket.isSessionReused(), true);
    second.send(request());
    await second.expect('SIP/2.0 200 OK');
    gateway.respond = undefined;
    first.end();
    second.end();
  });

  it('turns away a namesake of the partner', async () => {
    const kind = 'ml-dsa-87';
    const root = await createAuthority({ commonName: 'm', kind, ...around() });
    const forged = await issueDomainCertificate(root, {
      domains: ['globex.example'],
      kind: 'ml-dsa-65',
      ...around(),
    });
    const [, middle = ''] = partner.certificatePem.split(/(?<=-----END CERTIFICATE-----\n)/);
    const certificatePem = forged.certificatePem + middle;
    const stranger = await PartnerClient.connect(running.port, { ...forged, certificatePem });
    stranger.send(request());
    await stranger.expectClose();
    assert.equal(stranger.received, '');
  });

  it('sends to a server of the partner', async () => {
    const { gateway } = running;
    const target = { partner: 'globex', uri: 'sip:carol@globex.example', avoid: [] };
    gateway.sendTo(target, 1, ours(request({ body: 'one' })));
    const sent = await gateway.frame(FrameType.sent);
    assert.equal(JSON.parse(sent.text).remotePort, server.port);
    const [call] = server.calls;
    await call?.expect('one');
    assert.equal(call?.socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType, 'ml-dsa-87');
  });

  it('does not speak TLS 1.2, which has no such certificates', async () => {
    const older = await PartnerClient.connect(running.port, partner, { maxVersion: 'TLSv1.2' });
    await older.expectClose();
    assert.equal(older.received, '');
  });
});
