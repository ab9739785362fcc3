import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CutOffs, namedInVain, withoutCutOff } from '@sallyport/app-gateway/config/cut-off.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts } from '../site-fixture.ts';

describe('a site that is refused, while somebody was cut off', async () => {
  const loaded = loadSite(SITE_YAML, [PARTNER_YAML], await siteTexts());
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const site = loaded.value;
  const [partner] = site.partners;
  assert.ok(partner !== undefined);
  const known: CutOffs = { revision: site.version + 5, severed: [], revoked: [] };

  it('stays as it is where nobody was', () => {
    assert.equal(withoutCutOff(site, known), undefined);
    assert.equal(withoutCutOff(site, { ...known, severed: ['nobody'] }), undefined);
    assert.equal(withoutCutOff(site, { ...known, revoked: site.revokedNodes }), undefined);
  });

  it('is without a partner that was severed, under a newer version', () => {
    const cut = withoutCutOff(site, { ...known, severed: [partner.id] });
    assert.deepEqual(cut?.partners, []);
    assert.deepEqual(cut?.severed, [partner.id]);
    assert.equal(cut?.version, site.version + 5);
    assert.equal(cut?.identities, site.identities);
  });

  it('has no older version by it', () => {
    const cut = withoutCutOff(site, { ...known, revision: 0, severed: [partner.id] });
    assert.equal(cut?.version, site.version);
  });

  it('shuts a host out that was revoked', () => {
    const cut = withoutCutOff(site, { ...known, revoked: ['edge-1'] });
    assert.deepEqual(cut?.revokedNodes, [...site.revokedNodes, 'edge-1'].sort());
    assert.deepEqual(cut?.partners, site.partners);
  });

  it('is told once', () => {
    const cut = withoutCutOff(site, { ...known, severed: [partner.id], revoked: ['edge-1'] });
    assert.ok(cut !== undefined);
    const again = { ...known, severed: [partner.id], revoked: ['edge-1'] };
    assert.equal(withoutCutOff(cut, again), undefined);
  });

  it('is told of names that nobody in force has', () => {
    const slips = { ...known, severed: ['glbex', partner.id], revoked: ['edge-l', 'edge-1'] };
    assert.deepEqual(namedInVain(site, slips), { severed: ['glbex'], revoked: ['edge-l'] });
  });

  it('is not told of who is cut off already, nor of serial numbers', () => {
    const cut = withoutCutOff(site, { ...known, severed: [partner.id], revoked: ['edge-1'] });
    assert.ok(cut !== undefined);
    const again = { ...known, severed: [partner.id], revoked: ['edge-1', '4a5e03'] };
    assert.deepEqual(namedInVain(cut, again), { severed: [], revoked: [] });
  });
});
