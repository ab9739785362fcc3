import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  FileSiteSource,
  siteInFiles,
  siteOf,
} from '@sallyport/app-gateway/adapters/files/file-site-source.ts';
import { readSiteFolder } from '@sallyport/app-gateway/adapters/files/site-folder.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import {
  NOW_MS,
  PARTNER_YAML,
  problemsOf,
  SITE_YAML,
  siteTexts,
  type Texts,
  YEAR,
} from '../../site-fixture.ts';

const OLD_MS = NOW_MS - 1_000_000;
const AUDITOR_KEY = rawPublicKey(generateKeyPairSync('x25519').privateKey).toString('base64');

describe('site in a folder', () => {
  let texts: Texts;
  let folder: string;
  const source = () => new FileSiteSource(folder, () => NOW_MS);
  const setTime = (file: string, timeMs: number) =>
    utimes(join(folder, file), timeMs / 1000, timeMs / 1000);
  const write = async (file: string, content: string | Uint8Array, timeMs = OLD_MS) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
    await setTime(file, timeMs);
  };
  const folders: string[] = [];

  before(async () => {
    texts = await siteTexts();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'site-'));
    folders.push(folder);
    await write('site.yaml', SITE_YAML);
    for (const [file, text] of texts) await write(file, text);
    await chmod(join(folder, 'identities/main.key'), 0o600);
    await write('partners/globex.yaml', PARTNER_YAML);
    await setTime('partners', OLD_MS);
  });
  after(async () => {
    for (const made of folders) await rm(made, { recursive: true });
  });

  async function version(): Promise<number> {
    const loaded = await source().load();
    assert.ok(loaded.ok, JSON.stringify(problemsOf(loaded)));
    return loaded.value.version;
  }

  it('is read whole', async () => {
    const loaded = await source().load();
    assert.ok(loaded.ok, JSON.stringify(problemsOf(loaded)));
    assert.deepEqual(
      loaded.value.partners.map((partner) => partner.id),
      ['globex'],
    );
    assert.equal(loaded.value.identities[0]?.chainPem, texts.get('identities/main.crt'));
  });

  /** Ours ended yesterday, and partners are shown another one that only the database has. */
  async function outOfDate(database: string): Promise<void> {
    const authority = await createAuthority({ commonName: 'CA', ...YEAR });
    const ended = await issueDomainCertificate(authority, {
      domains: ['acme.example', 'sip.acme.example'],
      ...YEAR,
      notAfterMs: NOW_MS - 86_400_000,
    });
    await write('identities/old.crt', ended.certificatePem);
    await write('identities/old.key', ended.privateKeyPem);
    await chmod(join(folder, 'identities/old.key'), 0o600);
    const own = 'serverNames: [acme.example], chain: identities/';
    const site = SITE_YAML.replace(
      `${own}main.crt, key: identities/main`,
      `${own}old.crt, key: identities/old`,
    );
    await write('site.yaml', `${site}database: { kind: ${database} }\n`);
  }

  it('holds up nobody at the command line by a certificate that was read at the first start alone', async () => {
    await outOfDate('embedded');
    const read = await readSiteFolder(folder);
    const site = siteInFiles(read, NOW_MS);
    assert.ok(site.ok, JSON.stringify(problemsOf(site)));
    const [warning] = site.value.warnings;
    assert.equal(warning?.path, 'identities[0].chain');
    assert.match(
      warning?.message ?? '',
      /^the certificate expired on 2026-05-31: .*first time refuses it/,
    );
    assert.equal(siteOf(read, NOW_MS).ok, false, 'a first start takes it in');
  });

  it('is refused with a certificate out of date where gateways read files at each start', async () => {
    await outOfDate('files');
    const site = siteInFiles(await readSiteFolder(folder), NOW_MS);
    const told = problemsOf(site).map(
      ({ severity, path, message }) => `${severity} ${path} ${message}`,
    );
    assert.deepEqual(told.slice(0, 1), [
      'error identities[0].chain the certificate expired on 2026-05-31',
    ]);
    assert.equal(site.ok, false);
  });

  it('does not say at the command line whom of a database’s partners a list means, or a rule', async () => {
    const rule = '{ name: traders, partner: hooli }';
    const auditor = `{ name: anna, key: "${AUDITOR_KEY}" }`;
    const said = `severedPartners: [hooli]\naudit: { bodies: { auditors: [${auditor}], rules: [${rule}] } }\n`;
    await write('site.yaml', `${SITE_YAML}${said}database: { kind: embedded }\n`);
    const read = await readSiteFolder(folder);
    const told = (site: ReturnType<typeof siteOf>) =>
      problemsOf(site).map(({ path, message }) => `${path}: ${message}`);
    const [list, ...more] = told(siteInFiles(read, NOW_MS));
    assert.match(
      list ?? '',
      /^severedPartners\[0\]: hooli is cut off by this list, .*the database/,
    );
    assert.deepEqual(more, []);
    const known = told(siteOf(read, NOW_MS)).join('\n');
    assert.match(known, /^severedPartners\[0\]: no partner is called hooli/);
    assert.match(known, /audit\.bodies\.rules\[0\]\.partner: no partner is called hooli/);
  });

  for (const file of [
    'site.yaml',
    'partners/globex.yaml',
    'partners/globex.crt',
    'identities/main.key',
  ]) {
    it(`counts a newer ${file} as a newer version`, async () => {
      assert.equal(await version(), OLD_MS);
      await setTime(file, OLD_MS + 7);
      assert.equal(await version(), OLD_MS + 7);
    });
  }

  it('counts the removal of a partner as a newer version', async () => {
    await rm(join(folder, 'partners/globex.yaml'));
    const read = await readSiteFolder(folder);
    assert.ok((read.changedMs.get('partners') ?? 0) > OLD_MS);
    await setTime('partners', OLD_MS + 7);
    assert.equal(await version(), OLD_MS + 7);
  });

  it('does not count files that nothing names', async () => {
    await write('hosts/edge-1/proxy.json', '{}', OLD_MS + 500);
    assert.equal(await version(), OLD_MS);
  });

  it('refuses a change from the future, which would hold back later ones', async () => {
    await setTime('site.yaml', NOW_MS + 300_000);
    assert.equal(await version(), NOW_MS + 300_000);
    await setTime('site.yaml', NOW_MS + 300_001);
    const [problem] = problemsOf(await source().load());
    assert.match(problem?.message ?? '', /in the future/);
  });

  it('reads partners/*.yaml and nothing else there', async () => {
    await write('partners/.draft.yaml', 'broken: [');
    await write('partners/notes.txt', 'broken: [');
    await write('partners/globex.yaml~', 'broken: [');
    await setTime('partners', OLD_MS);
    assert.equal(await version(), OLD_MS);
  });

  it('is a site without partners when there is no such folder', async () => {
    await rm(join(folder, 'partners'), { recursive: true });
    const loaded = await source().load();
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.value.partners, []);
  });

  it('reports all broken files at once', async () => {
    await write('partners/initech.yaml', 'id: initech\n');
    await write('partners/latin1.yaml', Uint8Array.of(0x69, 0x64, 0x3a, 0xe9));
    await write('partners/big.yaml', `# ${'x'.repeat(1_048_576)}\n`);
    await rm(join(folder, 'identities/main.crt'));
    await setTime('partners', OLD_MS);
    const found = problemsOf(await source().load()).map(
      ({ file, path, message }) => `${file} ${path} ${message.slice(0, 44)}`,
    );
    assert.deepEqual(found, [
      'partners/big.yaml  cannot be read: larger than 1048576 bytes',
      'partners/latin1.yaml  cannot be read: is not UTF-8 text',
      'partners/initech.yaml domains is missing',
      'partners/initech.yaml methods is missing',
      'partners/initech.yaml anchors is missing',
      'site.yaml identities[0].chain cannot read identities/main.crt: no such fil',
      'site.yaml communities[0].identity.chain cannot read identities/main.crt: no such fil',
    ]);
  });

  it('warns of a private key that every user may read, and not of one that a group may', async () => {
    await chmod(join(folder, 'identities/main.key'), 0o640);
    assert.deepEqual(problemsOf(await source().load()), []);
    await chmod(join(folder, 'identities/main.key'), 0o644);
    const loaded = await source().load();
    assert.equal(loaded.ok, true);
    assert.match(problemsOf(loaded)[0]?.message ?? '', /chmod 600 identities\/main\.key/);
  });

  it('knows whom it cuts off while it is refused for something else', async () => {
    await write('partners/initech.yaml', 'id: initech\n');
    await write('site.yaml', `${SITE_YAML}revokedNodes: [edge-9]\nseveredPartners: [globex]\n`);
    await setTime('site.yaml', OLD_MS + 7);
    assert.equal((await source().load()).ok, false);
    const told = { severed: ['globex'], revoked: ['edge-9'] };
    const { revision, ...cutOffs } = await source().cutOffs();
    assert.deepEqual(cutOffs, told);
    assert.ok(revision >= OLD_MS + 7);
  });

  it('knows of nobody in a site file that cannot be read, nor counts a time that has not come', async () => {
    await write('site.yaml', 'severedPartners: [globex\n');
    await setTime('site.yaml', NOW_MS + 400_000);
    await setTime('partners', OLD_MS + 9);
    assert.deepEqual(await source().cutOffs(), {
      revision: OLD_MS + 9,
      severed: [],
      revoked: [],
    });
  });

  it('says so when there is no site file', async () => {
    await rm(join(folder, 'site.yaml'));
    const [problem] = problemsOf(await source().load());
    assert.equal(problem?.file, 'site.yaml');
    assert.equal(problem?.message, 'cannot be read: no such file');
  });

  it('says so when a file may not be read', { skip: process.getuid?.() === 0 }, async () => {
    await chmod(join(folder, 'identities/main.key'), 0);
    const [problem] = problemsOf(await source().load());
    assert.match(problem?.message ?? '', /permission denied/);
  });
});
