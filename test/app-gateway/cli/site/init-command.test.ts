import assert from 'node:assert/strict';
import { createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FileSiteSource } from '@sallyport/app-gateway/adapters/files/file-site-source.ts';
import { type InitOptions, initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';

const OPTIONS: InitOptions = {
  layout: 'dual-dmz',
  site: 'acme',
  domain: ['acme.example', 'acme.test'],
};

describe('sallyport init', () => {
  let scratch: string;
  let site: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'init-'));
    site = join(scratch, 'deep/er/site');
    const outcome = await initCommand(site, OPTIONS, Date.now);
    assert.equal(outcome.exitCode, 0, outcome.text);
  });
  after(() => rm(scratch, { recursive: true }));

  for (const layout of ['dual-dmz', 'single-dmz'] as const) {
    it(`makes a ${layout} site without a single problem`, async () => {
      const folder = join(scratch, layout);
      assert.equal((await initCommand(folder, { ...OPTIONS, layout }, Date.now)).exitCode, 0);
      const loaded = await new FileSiteSource(folder, Date.now).load();
      assert.ok(loaded.ok, JSON.stringify(loaded));
      assert.deepEqual(loaded.value.warnings, []);
      assert.equal(loaded.value.layout, layout);
      assert.deepEqual(loaded.value.domains, ['acme.example', 'acme.test']);
    });
  }

  it('says what comes next as a shell takes it', async () => {
    const folder = join(scratch, 'our site');
    const layout = 'standalone';
    const { text } = await initCommand(folder, { ...OPTIONS, layout }, Date.now);
    assert.ok(text.includes(`sallyport check '${folder}'\n`), text);
    assert.ok(text.includes(`sallyport dmz-proxy --bundle '${folder}/hosts/edge-1'\n`), text);
  });

  it('makes the site of a preset, with everything its database needs', async () => {
    const folder = join(scratch, 'preset');
    const { layout: _, ...options } = OPTIONS;
    const outcome = await initCommand(folder, { ...options, preset: 'four-machine' }, Date.now);
    assert.equal(outcome.exitCode, 0, outcome.text);
    const loaded = await new FileSiteSource(folder, Date.now).load();
    assert.ok(loaded.ok, JSON.stringify(loaded));
    assert.deepEqual(loaded.value.warnings, []);
    assert.equal(loaded.value.layout, 'dual-dmz');
    const certificate = new X509Certificate(await readFile(join(folder, 'database/server.crt')));
    const authority = new X509Certificate(await readFile(join(folder, 'database/ca.crt')));
    assert.equal(certificate.verify(authority.publicKey), true);
    assert.match(certificate.subjectAltName ?? '', /DNS:data\.inner\.acme\.example/);
    assert.equal((await stat(join(folder, 'database/password'))).mode & 0o777, 0o600);
  });

  it('refuses a layout that is not the preset’s, and neither of both', async () => {
    const folder = join(scratch, 'neither');
    const both = await initCommand(folder, { ...OPTIONS, preset: 'two-machine' }, Date.now);
    assert.match(both.text, /two-machine has the layout single-dmz, not dual-dmz/);
    const none = await initCommand(folder, { domain: ['acme.example'] }, Date.now);
    assert.match(none.text, /neither a layout nor a preset/);
    assert.equal(existsSync(folder), false);
  });

  it('is named like its first domain, where nothing else is said', async () => {
    const folder = join(scratch, 'named');
    const outcome = await initCommand(
      folder,
      { layout: 'dual-dmz', domain: ['home.example', 'acme.test'] },
      Date.now,
    );
    assert.equal(outcome.json['site'], 'home');
  });

  it('lets nobody in: the example partner is disabled', async () => {
    const loaded = await new FileSiteSource(site, Date.now).load();
    assert.deepEqual(loaded.ok && loaded.value.partners, []);
    assert.ok(existsSync(join(site, 'partners/example.yaml')));
  });

  it('has an example partner that works once it is enabled', async () => {
    const folder = join(scratch, 'enabled');
    await initCommand(folder, OPTIONS, Date.now);
    const file = join(folder, 'partners/example.yaml');
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('enabled: false', 'enabled: true'),
    );
    const loaded = await new FileSiteSource(folder, Date.now).load();
    assert.ok(loaded.ok, JSON.stringify(loaded));
    assert.deepEqual(loaded.value.warnings, []);
    const [partner] = loaded.value.partners;
    const anchor = new X509Certificate(partner?.trustSets[0]?.anchors[0] ?? '');
    const edge = new X509Certificate(await readFile(join(folder, 'example-partner/edge.crt')));
    assert.equal(edge.verify(anchor.publicKey), true);
  });

  it('writes private keys for the owner alone', async () => {
    const names = await readdir(site, { recursive: true });
    const keys = names.filter((name) => name.endsWith('.key'));
    assert.ok(keys.length >= 9, keys.join());
    for (const name of keys) {
      assert.equal((await stat(join(site, name))).mode & 0o777, 0o600, name);
    }
    assert.equal((await stat(site)).mode & 0o777, 0o700);
  });

  it('makes a cluster key of 32 bytes and a signing pair that fits', async () => {
    const key = await readFile(join(site, 'keys/cluster.key'), 'utf8');
    assert.equal(Buffer.from(key.trim(), 'base64').length, 32);
    const signature = sign(
      null,
      Buffer.from('x'),
      await readFile(join(site, 'keys/snapshot-signing.key'), 'utf8'),
    );
    const publicKey = createPublicKey(
      await readFile(join(site, 'keys/snapshot-signing.pub'), 'utf8'),
    );
    assert.equal(verify(null, Buffer.from('x'), publicKey, signature), true);
  });

  it('keeps three authorities apart', async () => {
    const [channel, federation, community] = await Promise.all(
      ['site-ca', 'federation-ca', 'community-ca'].map(
        async (name) => new X509Certificate(await readFile(join(site, `ca/${name}.crt`))),
      ),
    );
    const identity = new X509Certificate(await readFile(join(site, 'identities/main.crt')));
    assert.equal(identity.verify((federation as X509Certificate).publicKey), true);
    assert.equal(identity.verify((channel as X509Certificate).publicKey), false);
    assert.equal(identity.verify((community as X509Certificate).publicKey), false);
  });

  it('leaves a folder alone that holds anything', async () => {
    const folder = join(scratch, 'taken');
    await mkdir(folder);
    await writeFile(join(folder, 'mine'), 'x');
    const outcome = await initCommand(folder, OPTIONS, Date.now);
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.text, /is not empty/);
    assert.deepEqual(await readdir(folder), ['mine']);
  });

  it('takes an empty folder', async () => {
    const folder = join(scratch, 'empty');
    await mkdir(folder);
    assert.equal((await initCommand(folder, OPTIONS, Date.now)).exitCode, 0);
    assert.ok(existsSync(join(folder, 'site.yaml')));
  });

  const refused: readonly (readonly [name: string, options: Partial<InitOptions>, text: RegExp])[] =
    [
      ['site name', { site: 'Acme Inc' }, /no site name/],
      [
        'domain',
        { domain: ['acme.example', '*.acme.example'] },
        /"\*\.acme\.example" is no domain name/,
      ],
      ['public host', { publicHost: 'a b' }, /no host name/],
    ];
  for (const [name, options, text] of refused) {
    it(`refuses a wrong ${name} and writes nothing`, async () => {
      const folder = join(scratch, 'refused');
      const outcome = await initCommand(folder, { ...OPTIONS, ...options }, Date.now);
      assert.equal(outcome.exitCode, 1);
      assert.match(outcome.text, text);
      assert.equal(existsSync(folder), false);
    });
  }

  it('leaves no draft beside the folder', async () => {
    assert.deepEqual(
      (await readdir(scratch)).filter((name) => name.startsWith('.')),
      [],
    );
    assert.deepEqual(await readdir(join(scratch, 'deep/er')), ['site']);
  });
});
