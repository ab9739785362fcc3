import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { nodeInstallCommand } from '@sallyport/app-gateway/cli/bundle/node-install.ts';
import { nodeRequestCommand } from '@sallyport/app-gateway/cli/bundle/node-request.ts';
import { readSiteSecrets } from '@sallyport/app-gateway/cli/bundle/site-secrets.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { certifyChannelKey } from '@sallyport/certs/channel-certificate.ts';
import { parseSpoken } from '@sallyport/certs/fingerprint-words.ts';
import { validForMs } from '@sallyport/certs/validity.ts';
import { readBundle } from '@sallyport/dmz-proxy/bundle/bundle.ts';
import { parseCertificationRequest } from '@sallyport/shared/x509/certification-request.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';

const LIFE_MS = 604_800_000;

describe('a host that makes its own key', () => {
  let scratch: string;
  const site = (file = '') => join(scratch, 'site', file);
  const edge = (file = '') => site(join('hosts/edge-1', file));
  const requested = () => {
    const text = readFileSync(join(scratch, 'edge-1.csr'), 'latin1');
    const [der = Buffer.alloc(0)] = decodePem(text, 'CERTIFICATE REQUEST');
    const request = parseCertificationRequest(der);
    assert.ok(request.ok);
    return request.value;
  };
  const approve = async (change: { node?: string; nowMs?: number } = {}) => {
    const { node = 'edge-1', nowMs = Date.now() } = change;
    const { issuingAuthority } = await readSiteSecrets(site());
    const dates = validForMs(nowMs, LIFE_MS);
    const asked = { site: 'acme', role: 'proxy', node, hosts: [], ...dates } as const;
    const pem = await certifyChannelKey(issuingAuthority, asked, requested().spki);
    const file = join(scratch, `${node}.crt`);
    writeFileSync(file, pem + issuingAuthority.certificatePem);
    return file;
  };

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'node-request-'));
    await initCommand(site(), { layout: 'dual-dmz', site: 'acme', domain: [] }, Date.now);
    const bundled = await bundleCommand(site(), Date.now, { keys: false });
    assert.equal(bundled.exitCode, 0, bundled.text);
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('gets a bundle without a channel key, and nothing starts with it yet', () => {
    assert.equal(existsSync(edge('channel.key')), false);
    assert.equal(existsSync(edge('channel-ca.crt')), true);
    const read = readBundle(edge());
    assert.deepEqual(read, {
      ok: false,
      error: ['channel.crt: is not there', 'channel.key: is not there'],
    });
  });

  it('prints the fingerprint of its key as digits and words, the same when asked again', async () => {
    const first = await nodeRequestCommand(edge(), scratch);
    assert.equal(first.exitCode, 0, first.text);
    const { keyFingerprint, uris } = requested();
    assert.deepEqual(uris, ['urn:sallyport:acme:proxy:edge-1']);
    assert.equal(first.json['keyFingerprint'], keyFingerprint);
    const words = parseSpoken(String(first.json['words']));
    assert.equal(words.ok && words.value.toString('hex'), keyFingerprint.slice(0, 20));
    assert.equal(statSync(edge('channel-request.key')).mode & 0o777, 0o600);
    assert.doesNotMatch(first.text, /PRIVATE KEY/);
    const again = await nodeRequestCommand(edge(), scratch);
    assert.equal(again.json['keyFingerprint'], keyFingerprint);
  });

  it('refuses a certificate of another host, or one that has ended, and writes nothing', async () => {
    const other = await nodeInstallCommand(await approve({ node: 'edge-2' }), edge(), Date.now());
    assert.match(other.text, /is of urn:sallyport:acme:proxy:edge-2, not of /);
    const ended = await approve({ nowMs: Date.now() - 2 * LIFE_MS });
    assert.match((await nodeInstallCommand(ended, edge(), Date.now())).text, /expired on /);
    const ca = await nodeInstallCommand(site('ca/site-ca.crt'), edge(), Date.now());
    assert.equal(ca.exitCode, 1);
    assert.equal(existsSync(edge('channel.crt')), false);
  });

  it('is complete with its certificate', async () => {
    const installed = await nodeInstallCommand(await approve(), edge(), Date.now());
    assert.equal(installed.exitCode, 0, installed.text);
    assert.equal(readBundle(edge()).ok, true);
    assert.equal(statSync(edge('channel.key')).mode & 0o777, 0o600);
    assert.equal(existsSync(edge('channel-request.key')), false);
  });

  it('lets those read its new key who read its settings, but never everybody', async () => {
    chmodSync(edge('proxy.json'), 0o640);
    assert.equal((await nodeRequestCommand(edge(), scratch)).exitCode, 0);
    const installed = await nodeInstallCommand(await approve(), edge(), Date.now());
    assert.equal(installed.exitCode, 0, installed.text);
    assert.equal(statSync(edge('channel.key')).mode & 0o777, 0o640);
    assert.equal(statSync(edge('channel.crt')).mode & 0o777, 0o640);
    assert.equal(existsSync(edge('channel-request.key')), false);
  });

  it('needs a request first, and a bundle at all', async () => {
    const none = await nodeInstallCommand(join(scratch, 'edge-1.crt'), edge(), Date.now());
    assert.match(none.text, /no key that waits/);
    const nowhere = await nodeRequestCommand(scratch, scratch);
    assert.match(nowhere.text, /is no bundle/);
  });
});
