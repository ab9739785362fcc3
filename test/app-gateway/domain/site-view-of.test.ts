import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayNode } from '@sallyport/app-gateway/config/site.ts';
import { siteViewOf } from '@sallyport/app-gateway/domain/site-view-of.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts } from '../site-fixture.ts';

describe('the site as the routing core sees it', async () => {
  const second = `
  - node: gateway-2
    inner: { host: 10.0.2.6, port: 5062, advertise: gateway-2.inner.example }
    health: { host: 127.0.0.1, port: 8083 }
communities:`;
  const loaded = loadSite(
    SITE_YAML.replace('\ncommunities:', second).replace(
      'gateways:',
      'database: { kind: files }\ngateways:',
    ),
    [PARTNER_YAML],
    await siteTexts(),
  );
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const site = loaded.value;
  const node = site.gateways[0] as GatewayNode;
  const view = siteViewOf(site, node);

  it('has our names, and those of all gateways', () => {
    assert.deepEqual([...view.outsideNames], ['sip.acme.example:5061']);
    assert.deepEqual([...view.outsideHosts], ['sip.acme.example']);
    assert.equal(view.innerHost, 'gateway.inner.example');
    assert.deepEqual(view.innerName, { hostPort: 'gateway.inner.example:5061', transport: 'tls' });
    assert.deepEqual(
      [...view.innerNames],
      ['gateway.inner.example:5061', 'gateway-2.inner.example:5062'],
    );
    assert.deepEqual(
      [...view.innerAddresses],
      site.gateways.map(({ inner }) => inner.host),
    );
    assert.deepEqual([...view.ownDomains], ['acme.example']);
  });

  it('has its own IPv6 address in brackets, as URIs that name it have', () => {
    const there = { ...node, inner: { ...node.inner, advertise: '2001:db8::5' } };
    const { innerHost, innerName } = siteViewOf(site, there);
    assert.equal(innerHost, '[2001:db8::5]');
    assert.equal(innerName.hostPort, '[2001:db8::5]:5061');
  });

  it('finds communities and partners by domain and by id', () => {
    assert.equal(view.communityByDomain.get('acme.example')?.id, 'staff');
    assert.equal(view.communityById.get('staff')?.hosts[0]?.host, 'sip.inner.example');
    const partner = view.partnerByDomain.get('globex.example');
    assert.equal(partner?.id, 'globex');
    assert.equal(view.partnerById.get('globex'), partner);
    assert.deepEqual([...(partner?.methods ?? [])], ['MESSAGE', 'OPTIONS']);
    assert.equal(partner?.connectionReuse, 'alias');
  });

  it('knows no address of a gateway that listens on all of them', () => {
    const [first, ...others] = site.gateways as readonly [GatewayNode];
    for (const host of ['0.0.0.0', '::']) {
      const everywhere = { ...first, inner: { ...first.inner, host } };
      const gateways = [everywhere, ...others];
      assert.equal(siteViewOf({ ...site, gateways }, node).innerAddresses.has(host), false);
    }
  });

  it('knows a port that was left to the system', () => {
    const bound = siteViewOf(site, { ...node, inner: { ...node.inner, port: 49_152 } });
    assert.equal(bound.innerName.hostPort, 'gateway.inner.example:49152');
    assert.equal(bound.innerNames.has('gateway.inner.example:49152'), true);
  });

  it('knows names from before a reload: dialogs that run have them in their routes', () => {
    const renamed = siteViewOf(site, node, {
      inner: ['old.inner.example:5061'],
      outside: ['old.acme.example:5061'],
    });
    assert.equal(renamed.outsideNames.has('old.acme.example:5061'), true);
    assert.equal(renamed.outsideHosts.has('old.acme.example'), true);
    assert.equal(renamed.innerNames.has('old.inner.example:5061'), true);
    assert.equal(renamed.innerHost, 'gateway.inner.example');
  });
});
