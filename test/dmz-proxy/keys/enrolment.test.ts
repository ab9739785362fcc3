import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPublicKey, hash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { readSiteSecrets } from '@sallyport/app-gateway/cli/bundle/site-secrets.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { certifyChannelKey } from '@sallyport/certs/channel-certificate.ts';
import { parseTypedFingerprint } from '@sallyport/certs/fingerprint.ts';
import { validForMs } from '@sallyport/certs/validity.ts';
import { readBundle } from '@sallyport/dmz-proxy/bundle/bundle.ts';
import { enrol } from '@sallyport/dmz-proxy/keys/enrolment.ts';
import { parseCertificationRequest } from '@sallyport/shared/x509/certification-request.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { ROOT } from '../../architecture/source-tree.ts';

const LIFE_MS = 604_800_000;
const PROGRAM = join(ROOT, 'dmz-proxy/bin/sallyport-dmz-proxy');

describe('a proxy’s host that makes its own channel key', () => {
  let scratch: string;
  const site = (file = '') => join(scratch, 'site', file);
  const edge = (file = '') => site(join('hosts/edge-1', file));
  const ask = () => enrol({ verb: 'request', bundle: edge() }, Date.now());
  const install = (certificate: string, nowMs = Date.now()) =>
    enrol({ verb: 'install', bundle: edge(), certificate }, nowMs);
  const requested = (pem: string) => {
    const [der = Buffer.alloc(0)] = decodePem(pem, 'CERTIFICATE REQUEST');
    const request = parseCertificationRequest(der);
    assert.ok(request.ok);
    return request.value;
  };
  const approve = async (node = 'edge-1', nowMs = Date.now()) => {
    const { issuingAuthority } = await readSiteSecrets(site());
    const dates = validForMs(nowMs, LIFE_MS);
    const asked = { site: 'acme', role: 'proxy', node, hosts: [], ...dates } as const;
    const pem = await certifyChannelKey(issuingAuthority, asked, requested(ask().output).spki);
    const file = join(scratch, `${node}.crt`);
    writeFileSync(file, pem + issuingAuthority.certificatePem);
    return file;
  };

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'enrolment-'));
    await initCommand(site(), { layout: 'dual-dmz', site: 'acme', domain: [] }, Date.now);
    const bundled = await bundleCommand(site(), Date.now, { keys: false });
    assert.equal(bundled.exitCode, 0, bundled.text);
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('has nothing to install before it has asked', () => {
    const { exitCode, messages } = install(join(scratch, 'none.crt'));
    assert.equal(exitCode, 1);
    assert.match(messages, /has no key that waits.*\n {2}next: sallyport-dmz-proxy request/);
  });

  it('prints a request that "node approve" takes, and the fingerprint that it compares', () => {
    const first = ask();
    assert.equal(first.exitCode, 0, first.messages);
    const { uris, keyFingerprint } = requested(first.output);
    assert.deepEqual(uris, ['urn:sallyport:acme:proxy:edge-1']);
    const shown = parseTypedFingerprint(/fingerprint: (.*)/.exec(first.messages)?.[1] ?? '');
    assert.ok(shown.ok);
    assert.equal(shown.value.hex, keyFingerprint);
    assert.equal(requested(ask().output).keyFingerprint, keyFingerprint, 'asked again');
    assert.doesNotMatch(first.output + first.messages, /PRIVATE KEY/);
  });

  it('as a program: the request alone on standard output, and a usage for what is not understood', () => {
    const run = (...words: readonly string[]) => spawnSync(PROGRAM, words, { encoding: 'utf8' });
    const asked = run('request', '--bundle', edge());
    assert.equal(asked.status, 0, asked.stderr);
    assert.match(asked.stdout, /^-----BEGIN CERTIFICATE REQUEST-----\n/);
    assert.match(asked.stderr, /^fingerprint: ([0-9a-f]{4} ){15}[0-9a-f]{4}$/m);
    const unknown = run('request', edge());
    assert.deepEqual([unknown.status, unknown.stdout], [2, '']);
    assert.match(unknown.stderr, /^usage: .*^ *sallyport-dmz-proxy request --bundle/ms);
    assert.equal(run('request', '--bundle', scratch).status, 1);
  });

  for (const [what, certificate, reason] of [
    ['of another host', () => approve('edge-2'), /is of another host/],
    ['that has ended', () => approve('edge-1', Date.now() - 2 * LIFE_MS), /not in date/],
    ['of another key', () => Promise.resolve(site('ca/site-ca.crt')), /not of the key/],
    ['that is none', () => Promise.resolve(site('site.yaml')), /holds no certificate/],
    ['that is not there', () => Promise.resolve(site('nowhere')), /\/nowhere: ENOENT\n {2}next: /],
    ['without an end', () => Promise.resolve('/dev/zero'), /holds no certificate/],
  ] as const) {
    it(`refuses a certificate ${what}, and writes nothing`, async () => {
      const { exitCode, messages } = install(await certificate());
      assert.equal(exitCode, 1);
      assert.match(messages, reason);
      assert.equal(existsSync(edge('channel.crt')), false);
      assert.equal(existsSync(edge('channel-request.key')), true);
    });
  }

  it('is complete with the certificate of its key, and the proxy reads its bundle', async () => {
    const file = await approve();
    const { spki } = requested(ask().output);
    const { exitCode, messages } = install(file);
    assert.equal(exitCode, 0, messages);
    assert.match(messages, /systemctl enable --now sallyport-dmz-proxy@edge-1/);
    const read = readBundle(edge());
    assert.ok(read.ok, read.ok ? '' : read.error.join());
    const kept = createPublicKey(readFileSync(edge('channel.key'), 'utf8'));
    const shown = hash('sha256', kept.export({ type: 'spki', format: 'der' }), 'hex');
    assert.equal(shown, hash('sha256', spki, 'hex'));
    execFileSync('openssl', ['x509', '-in', edge('channel.crt'), '-noout']);
  });

  it('refuses a folder that is no bundle', () => {
    const { exitCode, output, messages } = enrol({ verb: 'request', bundle: scratch }, Date.now());
    assert.deepEqual([exitCode, output], [1, '']);
    assert.match(messages, /\/proxy\.json: ENOENT/);
  });

  it('refuses a key of another kind, and leaves it', () => {
    writeFileSync(edge('channel-request.key'), OTHER_KIND);
    const { exitCode, output, messages } = ask();
    assert.deepEqual([exitCode, output], [1, '']);
    assert.match(messages, /no P-256 key.*\n {2}next: remove /);
    assert.equal(readFileSync(edge('channel-request.key'), 'utf8'), OTHER_KIND);
  });
});

/** Ed25519; of no use to anybody. */
const OTHER_KIND = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
`;
