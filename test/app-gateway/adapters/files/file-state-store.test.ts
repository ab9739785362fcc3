import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FileStateStore } from '@sallyport/app-gateway/adapters/files/file-state-store.ts';
import { NOW_MS, PARTNER_YAML, SITE_YAML, siteTexts } from '../../site-fixture.ts';

describe('a site’s files as a state that can be read', () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'files-'));
    const texts = [
      ...(await siteTexts()),
      ['site.yaml', SITE_YAML],
      ['partners/globex.yaml', PARTNER_YAML],
    ] as const;
    for (const [path, text] of texts) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  it('shows partners and identities, keeps no private key, and changes nothing', async () => {
    const store = new FileStateStore(folder, 'gateway-1', () => NOW_MS);
    const state = await store.load();
    assert.ok(state.ok);
    const { partners, identities, operators } = state.value;
    assert.deepEqual(
      partners.map(({ id, trustSets }) => [id, trustSets[0]?.state]),
      [['globex', 'active']],
    );
    assert.deepEqual(
      identities.map(({ keys }) => keys[0]?.sealedKey),
      [''],
    );
    assert.deepEqual(operators, []);
    assert.deepEqual(await store.commit(), { ok: false, error: { code: 'read-only' } });
    assert.deepEqual(await store.events(), { ok: true, value: [] });
  });

  it('is unavailable while site.yaml is broken', async () => {
    const store = new FileStateStore(join(folder, 'partners'), 'gateway-1', () => NOW_MS);
    const state = await store.load();
    assert.equal(!state.ok && state.error.code, 'unavailable');
  });
});
