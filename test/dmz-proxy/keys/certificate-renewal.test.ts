import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  certifyChannelKey,
  issueChannelCertificate,
} from '@sallyport/certs/channel-certificate.ts';
import { type Bundle, readBundle } from '@sallyport/dmz-proxy/bundle/bundle.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import {
  CertificateRenewal,
  type RenewalChannel,
} from '@sallyport/dmz-proxy/keys/certificate-renewal.ts';
import {
  currentCredentials,
  type OwnCredentials,
} from '@sallyport/dmz-proxy/keys/channel-credentials.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { parseCertificationRequest } from '@sallyport/shared/x509/certification-request.ts';
import { type ProxySite, proxySite } from '../../integration/support/proxy-site.ts';
import { helloOf } from '../../shared/io/channel-fixture.ts';

const DAY_MS = 86_400_000;
const ISSUED_MS = Math.floor(Date.now() / 1000) * 1000;
const WEEK = { notBeforeMs: ISSUED_MS, notAfterMs: ISSUED_MS + 6 * DAY_MS };
const DUE_MS = ISSUED_MS + 4 * DAY_MS;

/** Time that moves only by hand. */
class HandClock {
  wall = ISSUED_MS;
  readonly #timers = new Set<{ atMs: number; run: () => void }>();

  monotonicMs = () => this.wall;
  wallMs = () => this.wall;
  after = (delayMs: number, run: () => void) => {
    const timer = { atMs: this.wall + delayMs, run };
    this.#timers.add(timer);
    return { stop: () => void this.#timers.delete(timer) };
  };
  every = () => ({ stop: () => undefined });

  /** Jumps, as a host does that was asleep, and then lets what is due run. */
  setTo(wallMs: number): void {
    this.wall = wallMs;
    for (const timer of [...this.#timers]) {
      if (timer.atMs > this.wall || !this.#timers.delete(timer)) continue;
      timer.run();
    }
  }
}

interface Sent {
  readonly type: number;
  readonly exchange: number;
  readonly request: Buffer;
}

/** A host whose certificate lives six days, one of its workers, and what that worker sends. */
async function host(t: TestContext, { worker = 0, versions = [1, 2] } = {}) {
  const site = await proxySite({ workers: 4 });
  t.after(() => site.remove());
  const identity = { site: 'acme', role: 'proxy', node: 'edge-1', hosts: [] } as const;
  const first = await issueChannelCertificate(site.siteAuthority, { ...identity, ...WEEK });
  writeFileSync(join(site.folder, 'channel.crt'), first.certificatePem);
  writeFileSync(join(site.folder, 'channel.key'), first.privateKeyPem);
  const read = readBundle(site.folder);
  assert.ok(read.ok);
  return { site, ...workerOf(read.value, worker, versions), bundle: read.value };
}

function workerOf(bundle: Bundle, worker: number, versions: readonly number[] = [1, 2]) {
  const clock = new HandClock();
  const sent: Sent[] = [];
  const used: OwnCredentials[] = [];
  const lines: string[] = [];
  const note = (event: string, fields: object = {}) => {
    const { reason = '' } = fields as { reason?: string };
    lines.push(`${event} ${reason}`.trim());
  };
  const channel: RenewalChannel = {
    peer: helloOf('gateway', { protocolVersions: versions }),
    isAvailable: true,
    sendJson: (type, _flow, exchange, value) => {
      const { request } = value as { request: string };
      sent.push({ type, exchange, request: Buffer.from(request, 'base64') });
      return true;
    },
  };
  const renewal = new CertificateRenewal(currentCredentials(bundle, clock.wall), {
    bundle,
    worker,
    clock,
    random: () => 0.5,
    log: { info: note, warn: note, error: note },
    counters: new Counters(),
    channels: () => [channel],
    use: (credentials) => used.push(credentials),
  });
  renewal.start();
  return { clock, sent, used, lines, renewal };
}

/** What a gateway answers to a request, for whom and by whom is asked for. */
async function answerTo(
  site: ProxySite,
  { request }: Sent,
  change: { node?: string; role?: 'proxy' | 'gateway'; authority?: typeof site.siteAuthority } = {},
): Promise<Buffer> {
  const parsed = parseCertificationRequest(request);
  assert.ok(parsed.ok);
  const { node = 'edge-1', role = 'proxy', authority = site.siteAuthority } = change;
  const dates = { notBeforeMs: DUE_MS - 1000, notAfterMs: DUE_MS + 6 * DAY_MS };
  const chain = await certifyChannelKey(
    authority,
    { site: 'acme', role, node, hosts: [], ...dates },
    parsed.value.spki,
  );
  return Buffer.from(JSON.stringify({ chain }));
}

const first = (sent: readonly Sent[]): Sent => {
  const [one] = sent;
  assert.ok(one);
  return one;
};

describe('the renewal of a proxy’s channel certificate', () => {
  it('is asked for at two thirds of its life and not before', async (t) => {
    const { clock, sent } = await host(t);
    clock.setTo(DUE_MS - 1);
    assert.equal(sent.length, 0);
    clock.setTo(DUE_MS + 60_000);
    assert.equal(sent.length, 1);
    const { type, request } = first(sent);
    assert.equal(type, FrameType.certificateRequest);
    const parsed = parseCertificationRequest(request);
    assert.deepEqual(parsed.ok && parsed.value.uris, ['urn:sallyport:acme:proxy:edge-1']);
  });

  it('comes into use, is kept with its key for its owner alone, and survives a restart', async (t) => {
    const { site, clock, sent, used, renewal, bundle } = await host(t);
    clock.setTo(DUE_MS + 60_000);
    const answer = await answerTo(site, first(sent));
    renewal.answered(first(sent).exchange, answer, 0, answer.length);
    assert.equal(used.length, 1);
    const file = join(site.folder, 'spool/channel.pem');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, 'latin1'), /^-----BEGIN PRIVATE KEY-----/);
    const again = currentCredentials(bundle, clock.wall);
    assert.deepEqual(again?.leaf.der, used[0]?.leaf.der);
    assert.equal(again?.keyPem, used[0]?.keyPem);
    assert.equal(renewal.secondsLeft, (6 * DAY_MS - 60_000) / 1000);
  });

  it('is asked for by one worker; the others take up what it got', async (t) => {
    const one = await host(t);
    const other = workerOf(one.bundle, 3);
    one.clock.setTo(DUE_MS + 60_000);
    other.clock.setTo(DUE_MS + 60_000);
    const answer = await answerTo(one.site, first(one.sent));
    one.renewal.answered(first(one.sent).exchange, answer, 0, answer.length);
    other.clock.setTo(DUE_MS + DAY_MS / 2);
    assert.equal(other.sent.length, 0);
    assert.deepEqual(other.used[0]?.leaf.der, one.used[0]?.leaf.der);
  });

  it('is asked for by the next worker when the first got none', async (t) => {
    const { clock, sent } = await host(t, { worker: 3 });
    clock.setTo(DUE_MS + DAY_MS / 4);
    assert.equal(sent.length, 0);
    clock.setTo(DUE_MS + DAY_MS / 2);
    assert.equal(sent.length, 1);
  });

  it('is not asked for from a gateway of an older version', async (t) => {
    const { clock, sent, lines } = await host(t, { versions: [1] });
    clock.setTo(DUE_MS + 60_000);
    assert.deepEqual([sent, lines], [[], ['channel-certificate-not-renewed no-gateway']]);
  });

  const bad: readonly (readonly [string, Parameters<typeof answerTo>[2], string])[] = [
    ['of another node', { node: 'edge-2' }, 'certificate-name-other'],
    ['of a gateway', { role: 'gateway' }, 'certificate-name-other'],
  ];
  for (const [what, change, reason] of bad) {
    it(`does not take a certificate ${what}`, async (t) => {
      const { site, clock, sent, used, lines, renewal } = await host(t);
      clock.setTo(DUE_MS + 60_000);
      const answer = await answerTo(site, first(sent), change);
      renewal.answered(first(sent).exchange, answer, 0, answer.length);
      assert.deepEqual([used, lines], [[], [`channel-certificate-not-renewed ${reason}`]]);
      assert.equal(existsSync(join(site.folder, 'spool/channel.pem')), false);
    });
  }

  it('does not take a certificate of another root, nor one of another key', async (t) => {
    const { site, clock, sent, used, lines, renewal } = await host(t);
    clock.setTo(DUE_MS + 60_000);
    const foreign = await answerTo(site, first(sent), { authority: site.partnerAuthority });
    renewal.answered(first(sent).exchange, foreign, 0, foreign.length);
    clock.setTo(DUE_MS + DAY_MS);
    const stale = await answerTo(site, first(sent));
    renewal.answered(sent[1]?.exchange ?? 0, stale, 0, stale.length);
    assert.deepEqual(used, []);
    assert.deepEqual(lines, [
      'channel-certificate-not-renewed certificate-path-invalid',
      'channel-certificate-not-renewed certificate-key-other',
    ]);
  });

  it('is asked for again, later each time, when it is refused or not answered', async (t) => {
    const { clock, sent, lines, renewal } = await host(t);
    clock.setTo(DUE_MS + 60_000);
    const refusal = Buffer.from('{"refusal":"node-revoked"}');
    renewal.answered(first(sent).exchange, refusal, 0, refusal.length);
    renewal.answered(first(sent).exchange, refusal, 0, refusal.length);
    clock.setTo(DUE_MS + 60_000 + 599_000);
    assert.equal(sent.length, 1);
    clock.setTo(DUE_MS + 60_000 + 661_000);
    assert.equal(sent.length, 2);
    clock.setTo(DUE_MS + 60_000 + 672_000);
    assert.deepEqual(lines, [
      'channel-certificate-not-renewed node-revoked',
      'channel-certificate-not-renewed no-answer',
    ]);
  });

  it('is used even where it cannot be kept', async (t) => {
    const { site, clock, sent, used, lines, renewal } = await host(t);
    clock.setTo(DUE_MS + 60_000);
    const answer = await answerTo(site, first(sent));
    mkdirSync(join(site.folder, 'spool/channel.pem.0'));
    renewal.answered(first(sent).exchange, answer, 0, answer.length);
    assert.equal(used.length, 1);
    assert.deepEqual(lines, [
      'channel-certificate-not-kept spool-not-writable',
      'channel-certificate-renewed',
    ]);
  });
});

describe('what a proxy shows on its channels', () => {
  const rubbish = ['', 'x', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'];
  for (const text of rubbish) {
    it(`is the bundle’s when the spool holds ${JSON.stringify(text.slice(0, 20))}`, async (t) => {
      const { site, bundle } = await host(t);
      writeFileSync(join(site.folder, 'spool/channel.pem'), text);
      const shown = currentCredentials(bundle, ISSUED_MS);
      assert.equal(shown?.keyPem, bundle.channelKeyPem);
    });
  }

  it('is the bundle’s again when a younger one was written', async (t) => {
    const { site, clock, sent, renewal, used } = await host(t);
    clock.setTo(DUE_MS + 60_000);
    const answer = await answerTo(site, first(sent));
    renewal.answered(first(sent).exchange, answer, 0, answer.length);
    const dates = { notBeforeMs: DUE_MS, notAfterMs: DUE_MS + DAY_MS };
    const identity = { site: 'acme', role: 'proxy', node: 'edge-1', hosts: [] } as const;
    const younger = await issueChannelCertificate(site.siteAuthority, { ...identity, ...dates });
    writeFileSync(join(site.folder, 'channel.crt'), younger.certificatePem);
    writeFileSync(join(site.folder, 'channel.key'), younger.privateKeyPem);
    const read = readBundle(site.folder);
    assert.ok(read.ok);
    renewal.reload(read.value);
    assert.equal(used.at(-1)?.keyPem, younger.privateKeyPem);
  });
});
