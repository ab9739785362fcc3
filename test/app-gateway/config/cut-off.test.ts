import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CutOffs, withoutCutOff } from '@sallyport/app-gateway/config/cut-off.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts } from '../site-fixture.ts';

describe('a site that is refused, while somebody was cut off', async () => {
  const loaded = loadSite(SITE_YAML, [PARTNER_YAML], await siteTexts());
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const site = loaded.value;
  const [partner] = site.partners;
  assert.ok(partner !== undefined);
  const known: CutOffs = { revision: site.version + 5, partners: [{ id: partner.id }], nodes: [] };

  it('stays as it is where nobody was', () => {
    assert.equal(withoutCutOff(site, known), undefined);
    const approved = { ...known, nodes: [{ node: 'edge-1', state: 'approved' }] };
    assert.equal(withoutCutOff(site, approved), undefined);
  });

  it('is without a partner that was severed, under a newer version', () => {
    const cut = withoutCutOff(site, { ...known, partners: [{ id: partner.id, severed: {} }] });
    assert.deepEqual(cut?.partners, []);
    assert.deepEqual(cut?.severed, [partner.id]);
    assert.equal(cut?.version, site.version + 5);
    assert.equal(cut?.identities, site.identities);
  });

  it('lets nobody in who was not', () => {
    const others = [{ id: partner.id, severed: {} }, { id: 'newcomer' }];
    assert.deepEqual(withoutCutOff(site, { ...known, partners: others })?.partners, []);
  });

  it('shuts a host out that was revoked', () => {
    const cut = withoutCutOff(site, { ...known, nodes: [{ node: 'edge-1', state: 'revoked' }] });
    assert.deepEqual(cut?.revokedNodes, [...site.revokedNodes, 'edge-1'].sort());
    assert.deepEqual(cut?.partners, site.partners);
  });

  it('is told once', () => {
    const cut = withoutCutOff(site, { ...known, partners: [{ id: partner.id, severed: {} }] });
    assert.ok(cut !== undefined);
    assert.equal(
      withoutCutOff(cut, { ...known, partners: [{ id: partner.id, severed: {} }] }),
      undefined,
    );
  });
});
