import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import type { RevocationSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { issueRevocationList } from '../certs/issue-revocation-list.ts';
import { issueWithTlsFeatures, type OcspDraft, ocspResponse } from '../ocsp-builder.ts';
import { parsed } from '../shared/x509/revocation-stage.ts';
import { PartnerClient } from './support/partner-client.ts';
import { around } from './support/proxy-site.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request } from './support/sip-text.ts';

const HOUR_MS = 3_600_000;
const STATUS_REQUEST = 5;

describe('a request to a partner whose server staples', () => {
  let running: RunningProxy;
  let stranger: Issued;
  let bound: Issued;
  let version = 20;
  let exchange = 0;
  const servers: Server[] = [];
  const calls: PartnerClient[] = [];
  before(async () => {
    running = await runningProxy();
    stranger = await createAuthority({ commonName: 'globex root', ...around() });
    bound = issueWithTlsFeatures(running.site.partnerAuthority, STATUS_REQUEST);
  });
  after(async () => {
    for (const call of calls) call.end();
    for (const server of servers) server.close();
    await running.stop();
  });

  async function servedBy(shown: Issued, staple: Buffer | undefined): Promise<number> {
    const server = createServer({
      cert: shown.certificatePem,
      key: shown.privateKeyPem,
      requestCert: true,
      rejectUnauthorized: false,
    });
    servers.push(server);
    server.on('OCSPRequest', (...[, , respond]) => respond(null, staple ?? null));
    server.on('secureConnection', (socket) => calls.push(new PartnerClient(socket)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** What became of one request: why its server was not believed, by the counters, for lines are limited. */
  async function sent(
    revocation: RevocationSnapshot,
    shown: Issued,
    staple: Buffer | undefined,
  ): Promise<string> {
    const { gateway, site } = running;
    const port = await servedBy(shown, staple);
    const partners = site.snapshot.partners.map((partner) => {
      return { ...partner, revocation, endpoints: [{ host: '127.0.0.1', port }] };
    });
    const snapshot = { ...site.snapshot, version: version++, partners };
    assert.equal((await gateway.configure(site.sign(snapshot))).accepted, true);
    const frames = gateway.frames.length;
    const before = await refusals();
    const branch = `z9hG4bK${nodeTag('acme', 'gateway-1')}.s${++exchange}.l1`;
    const via = `Via: SIP/2.0/TLS sip.acme.example:5061;branch=${branch}`;
    // Another port each time: requests with one next hop share a connection.
    const uri = `sip:carol@globex.example:${port}`;
    gateway.sendTo(
      { partner: 'globex', uri, avoid: [] },
      exchange,
      request().replace(/^Via: .*$/m, via),
    );
    const isAbout = (type: number) =>
      gateway.frames
        .slice(frames)
        .some((frame) => frame.type === type && frame.exchange === exchange);
    await gateway.until(
      () => isAbout(FrameType.sent) || isAbout(FrameType.sendFailed),
      'what became of it',
    );
    if (isAbout(FrameType.sent)) return 'sent';
    const after = Object.entries(await refusals());
    const [code] = after.find(([name, count]) => count !== before[name]) ?? [];
    return String(code);
  }

  async function refusals(): Promise<Readonly<Record<string, number>>> {
    const response = await fetch(`http://127.0.0.1:${running.healthPort}/metrics`);
    const prefix = 'outbound-identity:';
    const counters = Object.entries((await response.json()) as Record<string, number>);
    return Object.fromEntries(
      counters
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, count]) => [name.slice(prefix.length), count]),
    );
  }

  function listOf(...revoked: readonly Issued[]): Promise<string> {
    return issueRevocationList(running.site.partnerAuthority, {
      number: 1,
      thisUpdateMs: Date.now() - HOUR_MS,
      nextUpdateMs: Date.now() + HOUR_MS,
      revoked: revoked.map((issued) => {
        const { serialHex } = parsed(issued);
        return { serialHex, revokedAtMs: Date.now() - HOUR_MS, reason: 'keyCompromise' };
      }),
    });
  }

  const about = (shown: Issued, changes: Partial<OcspDraft> = {}) =>
    ocspResponse({
      certificate: parsed(shown),
      authority: running.site.partnerAuthority,
      ...changes,
    });
  type Mode = RevocationSnapshot['mode'];
  type Lists = 'none' | 'good' | 'revoking';
  const staples: Readonly<Record<string, (shown: Issued) => Buffer | undefined>> = {
    good: (shown) => about(shown),
    revoked: (shown) => about(shown, { isRevoked: true }),
    expired: (shown) => about(shown, { nextUpdateMs: Date.now() - 2000 }),
    forged: (shown) => about(shown, { forger: stranger }),
    foreign: (shown) => about(shown, { certificate: parsed(stranger) }),
    malformed: () => Buffer.from('no staple'),
    absent: () => undefined,
  };
  //  mode         staple       lists       any certificate         one that must staple
  const rows: readonly (readonly [Mode, keyof typeof staples, Lists, string, string])[] = [
    ['off', 'revoked', 'revoking', 'sent', 'sent'],
    ['soft-fail', 'good', 'none', 'sent', 'sent'],
    ['soft-fail', 'revoked', 'none', 'revocation-revoked', 'revocation-revoked'],
    ['soft-fail', 'revoked', 'good', 'revocation-revoked', 'revocation-revoked'],
    ['soft-fail', 'good', 'revoking', 'revocation-revoked', 'revocation-revoked'],
    ['soft-fail', 'expired', 'none', 'sent', 'sent'],
    ['soft-fail', 'absent', 'none', 'sent', 'sent'],
    ['hard-fail', 'good', 'none', 'sent', 'sent'],
    ['hard-fail', 'good', 'revoking', 'revocation-revoked', 'revocation-revoked'],
    ['hard-fail', 'revoked', 'good', 'revocation-revoked', 'revocation-revoked'],
    ['hard-fail', 'expired', 'none', 'revocation-unknown', 'revocation-unknown'],
    ['hard-fail', 'expired', 'good', 'sent', 'revocation-unknown'],
    ['hard-fail', 'forged', 'none', 'revocation-unknown', 'revocation-unknown'],
    ['hard-fail', 'forged', 'good', 'sent', 'revocation-unknown'],
    ['hard-fail', 'foreign', 'none', 'revocation-unknown', 'revocation-unknown'],
    ['hard-fail', 'foreign', 'good', 'sent', 'revocation-unknown'],
    ['hard-fail', 'malformed', 'good', 'sent', 'revocation-unknown'],
    ['hard-fail', 'absent', 'good', 'sent', 'revocation-unknown'],
    ['hard-fail', 'absent', 'none', 'revocation-unknown', 'revocation-unknown'],
  ];
  for (const [mode, staple, listed, free, held] of rows) {
    it(`${mode}, staple ${staple}, lists ${listed}: ${free}; must staple: ${held}`, async () => {
      for (const [shown, expected] of [
        [running.site.partner, free],
        [bound, held],
      ] as const) {
        const lists =
          listed === 'none' ? [] : [await listOf(...(listed === 'good' ? [] : [shown]))];
        const response = staples[staple]?.(shown);
        assert.equal(await sent({ mode, fetch: false, lists }, shown, response), expected);
      }
    });
  }

  it('leaves in the log why a staple was of no use, and that one was owed', () => {
    const codes = (event: string) =>
      new Set(running.proxy.lines.filter((line) => line.event === event).map((l) => l['code']));
    assert.deepEqual(
      codes('staple-ignored'),
      new Set(['ocsp-expired', 'ocsp-signature-bad', 'ocsp-other-certificate', 'ocsp-malformed']),
    );
    assert.ok(codes('revocation-unknown').has('staple-required'));
    assert.ok(codes('revocation-unknown').has('list-missing'));
  });
});
