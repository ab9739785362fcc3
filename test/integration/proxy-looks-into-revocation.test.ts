import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { RevocationSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { issueRevocationList } from '../certs/issue-revocation-list.ts';
import { PartnerClient } from './support/partner-client.ts';
import { around } from './support/proxy-site.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

const HOUR_MS = 3_600_000;

describe('the certificate of a partner that its authority revokes', () => {
  let running: RunningProxy;
  let version = 20;
  before(async () => {
    running = await runningProxy();
    running.gateway.respond = ({ text }) => responseTo(text, '200 OK');
  });
  after(() => running.stop());

  function listOf(...revoked: readonly Issued[]): Promise<string> {
    return issueRevocationList(running.site.partnerAuthority, {
      number: 1,
      thisUpdateMs: Date.now() - HOUR_MS,
      nextUpdateMs: Date.now() + HOUR_MS,
      revoked: revoked.map(({ certificatePem }) => {
        const parsed = parseCertificate(decodePem(certificatePem, 'CERTIFICATE')[0] as Buffer);
        assert.ok(parsed.ok);
        const { serialHex } = parsed.value;
        return { serialHex, revokedAtMs: Date.now() - HOUR_MS, reason: 'keyCompromise' };
      }),
    });
  }

  async function use(revocation: RevocationSnapshot): Promise<void> {
    const { gateway, site } = running;
    const partners = site.snapshot.partners.map((entry) => ({ ...entry, revocation }));
    const snapshot = { ...site.snapshot, version: version++, partners };
    assert.equal((await gateway.configure(site.sign(snapshot))).accepted, true);
  }

  async function letIn(credentials: Issued): Promise<PartnerClient> {
    const caller = await PartnerClient.connect(running.port, credentials);
    caller.send(request());
    await caller.expect('SIP/2.0 200 OK');
    return caller;
  }

  async function turnedAway(credentials: Issued, code: string): Promise<void> {
    const { port, proxy, gateway } = running;
    const since = proxy.lines.length;
    const frames = gateway.frames.length;
    const caller = await PartnerClient.connect(port, credentials);
    caller.send(request());
    await caller.expectClose();
    assert.equal((await proxy.line('connection-refused', since))['code'], code);
    assert.ok(!gateway.frames.slice(frames).some(({ type }) => type === FrameType.sip));
  }

  it('ends its connection when a snapshot says so, and is turned away from then on', async () => {
    const { site, proxy } = running;
    const caller = await letIn(site.partner);
    await use({ mode: 'soft-fail', fetch: false, lists: [await listOf(site.partner)] });
    await caller.expectClose();
    assert.equal((await proxy.line('identity-ended'))['code'], 'revocation-revoked');
    assert.equal((await proxy.line('certificate-revoked'))['code'], 'keyCompromise');
    await turnedAway(site.partner, 'revocation-revoked');
    await use({ mode: 'off', fetch: false, lists: [await listOf(site.partner)] });
    (await letIn(site.partner)).end();
  });

  it('is let in unknown by soft-fail, and only with a list by hard-fail', async () => {
    const { site } = running;
    await use({ mode: 'soft-fail', fetch: false, lists: [] });
    (await letIn(site.partner)).end();
    await use({ mode: 'hard-fail', fetch: false, lists: [] });
    await turnedAway(site.partner, 'revocation-unknown');
    await use({ mode: 'hard-fail', fetch: false, lists: [await listOf()] });
    (await letIn(site.partner)).end();
  });

  it('is looked up where it says, without waiting', async () => {
    const { site, proxy } = running;
    let list = decodePem(await listOf(), 'X509 CRL')[0];
    const asked: string[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url ?? '');
      response.end(list);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const naming = (path: string) =>
      issueLeaf(site.partnerAuthority, {
        commonName: 'globex.example',
        uris: ['sip:globex.example'],
        dnsNames: ['globex.example'],
        revocationListUris: [`http://127.0.0.1:${port}${path}`],
        ...around(),
      });
    const [good, bad] = await Promise.all([naming('/good'), naming('/bad')]);
    await use({ mode: 'hard-fail', fetch: true, lists: [] });
    const fetched = once(server, 'request');
    await turnedAway(good, 'revocation-unknown');
    await fetched;
    await eventually(async () => (await letIn(good)).end());
    list = decodePem(await listOf(bad), 'X509 CRL')[0];
    await turnedAway(bad, 'revocation-unknown');
    await eventually(() => turnedAway(bad, 'revocation-revoked'));
    assert.deepEqual(asked, ['/good', '/bad']);
    await use({ mode: 'hard-fail', fetch: true, lists: [] });
    server.close();
    list = undefined;
    const gone = await naming('/');
    await turnedAway(gone, 'revocation-unknown');
    const refused = await proxy.line('revocation-list-refused');
    assert.deepEqual([refused['host'], refused['code']], [`127.0.0.1:${port}`, 'connect-failed']);
  });
});

/** The list is taken some time after it was served, and nobody tells. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
  for (let tries = 50; ; tries--) {
    try {
      return await attempt();
    } catch (cause) {
      if (tries === 0) throw cause;
    }
  }
}
