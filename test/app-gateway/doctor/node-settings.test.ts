import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { siteSchema } from '@sallyport/app-gateway/config/site-schema.ts';
import { gatewaySettings, proxySettings } from '@sallyport/app-gateway/doctor/node-settings.ts';
import { PROXY_JSON, proxyNode } from './example-nodes.ts';

describe('what a node’s files say of it', () => {
  it('a proxy: every place where it listens, its channel once a worker', () => {
    const { places, channelPlaces, publicNames, workers } = proxyNode();
    assert.deepEqual(
      places.map(({ host, port, purpose }) => `${host} ${port} ${purpose}`),
      [
        '192.0.2.11 5061 partners',
        '192.0.2.11 5060 partners, plain TCP',
        '127.0.0.1 8081 health',
        '10.1.0.11 7443 channel of worker 0',
        '10.1.0.11 7444 channel of worker 1',
      ],
    );
    assert.equal(channelPlaces.length, workers);
    assert.deepEqual(publicNames, ['sip.acme.example']);
  });

  it('a proxy: what its listeners show partners is of the advertised name, where that is a name', () => {
    const shownAt = (advertise?: object) =>
      proxyNode({ listen: [{ host: '192.0.2.11', port: 5061, advertise }] }).partnerPlaces;
    assert.deepEqual(
      proxyNode().partnerPlaces.map(({ port, serverName }) => [port, serverName]),
      [[5061, 'sip.acme.example']],
    );
    assert.equal(shownAt({ host: '198.51.100.7' })[0]?.serverName, undefined);
    assert.equal(shownAt()[0]?.serverName, undefined);
  });

  it('a proxy that dials has no place for its channel', () => {
    assert.deepEqual(
      proxyNode({ channel: { dial: 'outside-in', gateways: [] } }).channelPlaces,
      [],
    );
  });

  for (const [what, text] of [
    ['no JSON', '{'],
    ['no listeners', JSON.stringify({ ...PROXY_JSON, listen: undefined })],
    ['a port that is none', JSON.stringify({ ...PROXY_JSON, health: { host: 'x', port: 65_536 } })],
  ] as const) {
    it(`a proxy with ${what} has no settings`, () => {
      assert.equal(proxySettings(text).ok, false);
    });
  }

  const site = siteSchema.parse({
    name: 'acme',
    layout: 'dual-dmz',
    domains: ['acme.example'],
    public: { host: 'sip.acme.example' },
    identities: [{ name: 'main', chain: 'a.crt', key: 'a.key' }],
    proxies: [{ node: 'edge-1', listen: [{ host: '192.0.2.11', port: 5061 }] }],
    gateways: [
      {
        node: 'gateway-1',
        inner: { host: '10.2.0.21', port: 5071, advertise: '10.2.0.21' },
        channel: { host: '10.2.0.21', port: 7443 },
      },
    ],
    communities: [
      {
        id: 'main',
        domains: ['acme.example'],
        hosts: [{ host: 'a', port: 5061 }],
        ca: 'c',
        identity: { chain: 'd', key: 'e' },
      },
    ],
  });

  it('a gateway: what site.yaml says of it and of the site', () => {
    const read = gatewaySettings(site, 'gateway-1');
    assert.ok(read.ok);
    const { places, published, proxies, channelPlaces } = read.value;
    assert.deepEqual(
      places.map(({ port }) => port),
      [5071, 8082],
    );
    assert.deepEqual(published, { host: 'sip.acme.example', port: 5061 });
    assert.deepEqual(proxies, [{ node: 'edge-1', workers: 2 }]);
    assert.deepEqual(channelPlaces, []);
    const outsideIn = { ...site, channel: { ...site.channel, dial: 'outside-in' as const } };
    const dialled = gatewaySettings(outsideIn, 'gateway-1');
    assert.ok(dialled.ok);
    assert.deepEqual(
      dialled.value.channelPlaces.map(({ port }) => port),
      [7443],
    );
    assert.equal(gatewaySettings(site, 'gateway-9').ok, false);
  });
});
