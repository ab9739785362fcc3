import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { partnerSchema } from '@sallyport/app-gateway/config/partner-schema.ts';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import { snapshotOf } from '@sallyport/app-gateway/domain/snapshot-of-site.ts';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { decodeSnapshot } from '@sallyport/shared/channel/snapshot-decode.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts } from '../site-fixture.ts';

describe('snapshot of a site', () => {
  let site: Site;
  before(async () => {
    const full = `${PARTNER_YAML}${[
      'description: what only we need to know',
      'contacts: [{ name: Ann Example, email: ann@globex.example }]',
      'pins: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=]',
      'sourceNetworks: [192.0.2.0/24, "2001:db8::/32"]',
      'eventPackages: [presence, presence.winfo]',
      'endpoints: [{ host: SIP.Globex.example, port: 5061 }]',
      'messagesPerSecond: 0.5',
      'delegations: [{ certificate: hoster.example, domains: [globex.example] }]',
      'trial: { purposes: strict, acceptNoExtendedKeyUsage: false }',
    ].join('\n')}\n`;
    const yaml = SITE_YAML.replace(
      'identities:',
      'nameservers: [192.0.2.53, "[2001:db8::1]:53"]\nidentities:',
    );
    const loaded = loadSite(yaml, [full], await siteTexts(), 1_700_000_000_123);
    assert.ok(loaded.ok, JSON.stringify(loaded));
    site = loaded.value;
  });

  it('is what a proxy accepts', () => {
    const decoded = decodeSnapshot(Buffer.from(canonicalJson(snapshotOf(site)), 'utf8'));
    assert.deepEqual(decoded, { ok: true, value: snapshotOf(site) });
  });

  it('asks for audit where the site keeps a ledger', () => {
    const audit = {
      spoolKey: Buffer.alloc(32, 1).toString('base64'),
      ledgerKey: Buffer.alloc(32, 2).toString('base64'),
      whenFull: site.audit.whenFull,
      memoryBytesMax: site.audit.memoryBytesMax,
      spoolBytesMax: site.audit.spoolBytesMax,
      origin: 'sallyport/acme',
    };
    const asked = snapshotOf(site, audit);
    const decoded = decodeSnapshot(Buffer.from(canonicalJson(asked), 'utf8'));
    assert.deepEqual(decoded, { ok: true, value: asked });
    assert.deepEqual(asked.audit, audit);
    assert.equal(Object.hasOwn(snapshotOf(site), 'audit'), false);
  });

  it('is the same bytes for the same site: version and time come from it alone', () => {
    assert.equal(canonicalJson(snapshotOf(site)), canonicalJson(snapshotOf(structuredClone(site))));
    assert.equal(snapshotOf(site).version, 1_700_000_000_123);
    assert.equal(snapshotOf(site).issuedAt, '2023-11-14T22:13:20.123Z');
  });

  it('keeps inside what a proxy need not know', () => {
    const text = canonicalJson(snapshotOf(site));
    for (const inner of [
      'ann@globex',
      'what only we',
      'sip.inner.example',
      'gateway.inner',
      '10.0.1.5',
    ]) {
      assert.equal(text.includes(inner), false, inner);
    }
  });

  it('carries every setting of a partner that is the proxy’s business', () => {
    const [partner] = snapshotOf(site).partners;
    const inner = new Set([
      'enabled',
      'description',
      'contacts',
      'connectionReuse',
      'priorityNamespaces',
      'acceptNoExtendedKeyUsage',
      'anchors',
      'intermediates',
      'pins',
    ]);
    // Left out where it is not allowed.
    const settings = Object.keys(partnerSchema.shape).filter(
      (name) => !inner.has(name) && name !== 'plainTcp',
    );
    assert.deepEqual(
      Object.keys(partner ?? {}).sort(),
      [...settings, 'allowNoEku', 'trustSets'].sort(),
    );
    assert.equal(partner?.messagesPerSecond, 0.5);
    assert.deepEqual(partner?.trial, { purposes: 'strict', allowNoEku: false });
    assert.deepEqual(
      partner?.trustSets.map(({ id, pins }) => [id, pins.length]),
      [['file', 1]],
    );
    assert.deepEqual(partner?.endpoints, [{ host: 'sip.globex.example', port: 5061 }]);
  });

  it('carries several keys of one identity, all trust sets, and who was severed', () => {
    const [main] = site.identities;
    const [partner] = site.partners;
    const [set] = partner?.trustSets ?? [];
    assert.ok(main && partner && set);
    const rolling: Site = {
      ...site,
      identities: [main, { ...main, name: 'main-k2', serverNames: [], keyName: 'main/k2' }],
      partners: [{ ...partner, ownIdentity: 'main-k2', trustSets: [set, { ...set, id: 't2' }] }],
      severed: ['initech', 'evilcorp'],
    };
    const content = snapshotOf(rolling);
    const decoded = decodeSnapshot(Buffer.from(canonicalJson(content), 'utf8'));
    assert.deepEqual(decoded, { ok: true, value: content });
    assert.deepEqual(
      content.identities.map(({ name, serverNames }) => [name, serverNames.length]),
      [
        ['main', main.serverNames.length],
        ['main-k2', 0],
      ],
    );
    assert.equal(content.partners[0]?.ownIdentity, 'main-k2');
    assert.deepEqual(
      content.partners[0]?.trustSets.map(({ id }) => id),
      ['file', 't2'],
    );
    assert.deepEqual(content.severed, ['evilcorp', 'initech']);
  });
});
