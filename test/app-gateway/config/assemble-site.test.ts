import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { before, describe, it } from 'node:test';
import {
  loadSite,
  PARTNER_YAML,
  problemsOf,
  revocationListPem,
  SITE_YAML,
  siteTexts,
  type Texts,
} from '../site-fixture.ts';

describe('site put together', () => {
  let texts: Texts;
  before(async () => {
    texts = await siteTexts();
  });

  it('is complete, with certificates loaded and defaults filled in', () => {
    const loaded = loadSite(SITE_YAML, [PARTNER_YAML], texts, 1234);
    assert.ok(loaded.ok);
    const site = loaded.value;
    assert.equal(site.version, 1234);
    assert.equal(site.channel.dial, 'inside-out');
    assert.equal(site.unknownServerName, 'refuse');
    assert.equal(site.missingServerName, 'default');
    assert.equal(site.proxies[0]?.permissionModel, 'required');
    assert.equal(site.identities[0]?.chainPem, texts.get('identities/main.crt'));
    assert.equal(site.communities[0]?.caPem, texts.get('communities/ca.crt'));
    assert.deepEqual(site.partners[0]?.trustSets[0]?.anchors, [texts.get('partners/globex.crt')]);
    assert.equal(site.partners[0]?.ownIdentity, 'main');
    assert.deepEqual(site.partners[0]?.eventPackages, []);
    assert.deepEqual(site.warnings, []);
  });

  it('is frozen to the bottom', () => {
    const loaded = loadSite(SITE_YAML, [PARTNER_YAML], texts);
    assert.ok(loaded.ok);
    const { partners, limits } = loaded.value;
    assert.throws(() => (partners as unknown[]).push(1), TypeError);
    assert.throws(() => Object.assign(limits, { headersMax: 1 }), TypeError);
    assert.throws(() => Object.assign(partners[0] ?? {}, { id: 'x' }), TypeError);
  });

  it('leaves a disabled partner out, but still checks its file', () => {
    const disabled = loadSite(SITE_YAML, [`${PARTNER_YAML}enabled: false\n`], texts);
    assert.ok(disabled.ok);
    assert.deepEqual(disabled.value.partners, []);
    const broken = loadSite(
      SITE_YAML,
      [`${PARTNER_YAML}enabled: false\nownIdentity: none\n`],
      texts,
    );
    assert.equal(problemsOf(broken)[0]?.path, 'ownIdentity');
  });

  it('takes certificates written into the YAML itself', () => {
    const pem = texts.get('partners/globex.crt') ?? '';
    const inline = pem.trimEnd().replaceAll('\n', '\n    ');
    const yaml = PARTNER_YAML.replace('[globex.crt]', `\n  - |\n    ${inline}`);
    const loaded = loadSite(SITE_YAML, [yaml], texts);
    assert.ok(loaded.ok, JSON.stringify(problemsOf(loaded)));
    assert.deepEqual(loaded.value.partners[0]?.trustSets[0]?.anchors, [pem]);
  });

  it('splits a bundle of anchors into single certificates', () => {
    const pem = texts.get('partners/globex.crt') ?? '';
    const bundle = new Map([...texts, ['partners/globex.crt', `comment\n${pem}\nmore\n${pem}`]]);
    const loaded = loadSite(SITE_YAML, [PARTNER_YAML], bundle);
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.value.partners[0]?.trustSets[0]?.anchors, [pem, pem]);
  });

  it('takes several sets of keys, and lets in with those in force alone', () => {
    const set = (id: string, state: string) =>
      `  - { id: ${id}, state: ${state}, anchors: [globex.crt] }\n`;
    const states = ['received', 'verified', 'staged', 'seen', 'active', 'retired', 'rejected'];
    const sets = states.map((state, at) => set(`t${at + 1}`, state)).join('');
    const yaml = PARTNER_YAML.replace('anchors: [globex.crt]', `trustSets:\n${sets}`);
    const loaded = loadSite(SITE_YAML, [yaml], texts);
    assert.ok(loaded.ok, JSON.stringify(problemsOf(loaded)));
    const ids = loaded.value.partners[0]?.trustSets.map(({ id }) => id);
    assert.deepEqual(ids, ['t3', 't4', 't5']);
    const none = PARTNER_YAML.replace(
      'anchors: [globex.crt]',
      `trustSets:\n${set('t1', 'verified')}`,
    );
    const without = loadSite(SITE_YAML, [none], texts);
    assert.deepEqual(without.ok && without.value.partners, []);
  });

  it('lists a severed partner apart, and lets it in by nothing', () => {
    const yaml = PARTNER_YAML.replace(
      'anchors: [globex.crt]',
      'trustSets: [{ id: t1, state: active, anchors: [globex.crt] }]\nsevered: { atMs: 1, operator: ann, reason: stolen }',
    );
    const loaded = loadSite(SITE_YAML, [yaml], texts);
    assert.ok(loaded.ok, JSON.stringify(problemsOf(loaded)));
    assert.deepEqual([loaded.value.partners, loaded.value.severed], [[], ['globex']]);
  });

  it('loads revocation lists and refuses a file that holds none', async () => {
    const yaml = `${PARTNER_YAML}revocation: { lists: [globex.crl] }\n`;
    const list = await revocationListPem();
    const good = loadSite(SITE_YAML, [yaml], new Map([...texts, ['partners/globex.crl', list]]));
    assert.ok(good.ok, JSON.stringify(problemsOf(good)));
    assert.deepEqual(good.value.partners[0]?.revocation.lists, [list]);
    const bad = loadSite(SITE_YAML, [yaml], new Map([...texts, ['partners/globex.crl', 'x']]));
    assert.deepEqual(
      problemsOf(bad).map(({ path }) => path),
      ['revocation.lists[0]'],
    );
  });

  it('passes keys on as PKCS#8, whatever form the file has', () => {
    const key = createPrivateKey(texts.get('identities/main.key') ?? '');
    const sec1 = key.export({ type: 'sec1', format: 'pem' }).toString();
    const loaded = loadSite(SITE_YAML, [], new Map([...texts, ['identities/main.key', sec1]]));
    assert.ok(loaded.ok);
    assert.equal(loaded.value.identities[0]?.keyPem, texts.get('identities/main.key'));
  });

  it('names the setting whose file is missing', () => {
    const [missing, ...others] = problemsOf(
      loadSite(
        SITE_YAML,
        [PARTNER_YAML],
        new Map([...texts].filter(([file]) => file !== 'partners/globex.crt')),
      ),
    );
    assert.deepEqual(others, []);
    assert.equal(missing?.file, 'partners/globex.yaml');
    assert.equal(missing?.line, 3);
    assert.equal(missing?.path, 'anchors[0]');
    assert.match(missing?.message ?? '', /cannot read partners\/globex\.crt: no such file/);
  });

  it('reports what is wrong in several files at once', () => {
    const site = SITE_YAML.replace('layout: dual-dmz', 'layout: dual-dmz\nsurprise: 1').replace(
      'port: 7443',
      'port: 99999',
    );
    const problems = problemsOf(loadSite(site, [`${PARTNER_YAML}pins: [short]\n`], texts));
    assert.deepEqual(problems.map(({ file, path }) => `${file} ${path}`).sort(), [
      'partners/globex.yaml pins[0]',
      'site.yaml proxies[0].channel.port',
      'site.yaml surprise',
    ]);
  });

  it('reports what contradicts beside what is malformed elsewhere', () => {
    const site = SITE_YAML.replace('serverNames: [acme.example]', 'serverNames: [other.example]');
    const problems = problemsOf(loadSite(site, [`${PARTNER_YAML}pins: [short]\n`], texts));
    assert.deepEqual(problems.map(({ path }) => path).sort(), [
      'identities[0].serverNames[0]',
      'pins[0]',
    ]);
  });
});
