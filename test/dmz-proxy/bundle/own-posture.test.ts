import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { belowRequired } from '@sallyport/dmz-proxy/bundle/own-posture.ts';
import type { ProxyConfig } from '@sallyport/dmz-proxy/bundle/proxy-config.ts';
import type { PostureLevel } from '@sallyport/shared/channel/posture-level.ts';
import type { SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';

const STRONG: ProxyConfig = {
  site: 'acme',
  node: 'edge-1',
  workers: 1,
  listen: [
    {
      host: '0.0.0.0',
      port: 5061,
      transport: 'tls',
      proxyProtocolFrom: ['10.0.0.5/32'],
      checksFrom: [],
    },
  ],
  health: { host: '127.0.0.1', port: 8081 },
  channel: { dial: 'inside-out', host: '10.0.1.5', port: 7443 },
  permissionModel: 'required',
};
const OUTSIDE_IN: ProxyConfig['channel'] = { dial: 'outside-in', gateways: [] };

function listening(changed: Readonly<Record<string, unknown>>): ProxyConfig {
  return { ...STRONG, listen: STRONG.listen.map((one) => ({ ...one, ...changed })) };
}

function partners(changed: Readonly<Record<string, unknown>>): SnapshotContent['partners'] {
  const partner: SnapshotContent['partners'][number] = {
    id: 'globex',
    domains: ['globex.example'],
    trustSets: [],
    delegations: [],
    purposes: 'federation',
    allowNoEku: true,
    revocation: { mode: 'off', fetch: false, lists: [] },
    sourceNetworks: [],
    methods: ['MESSAGE'],
    eventPackages: [],
    ownIdentity: 'main',
    endpoints: [],
    connectionsMax: 1,
    messagesPerSecond: 1,
    messagesBurst: 1,
    requestsInFlightMax: 1,
    keepAliveMs: 5000,
  };
  return [{ ...partner, ...changed }];
}

//  what stands there                        config, partners                                    level
const table: readonly (readonly [
  string,
  ProxyConfig,
  SnapshotContent['partners'],
  PostureLevel,
])[] = [
  ['all as it should be', STRONG, partners({}), 'high'],
  ['a listener with tls', listening({ transport: 'tls' }), [], 'high'],
  ['a listener with tcp', listening({ transport: 'tcp' }), [], 'low'],
  ['a listener with a word of later', listening({ transport: 'quic' }), [], 'low'],
  ['balancers of a /24', listening({ proxyProtocolFrom: ['10.0.0.0/24'] }), [], 'high'],
  ['balancers of a /23', listening({ proxyProtocolFrom: ['10.0.0.0/23'] }), [], 'medium'],
  ['balancers of an IPv6 /63', listening({ proxyProtocolFrom: ['2001:db8::/63'] }), [], 'medium'],
  ['everybody as balancer', listening({ proxyProtocolFrom: ['0.0.0.0/0'] }), [], 'low'],
  ['no permission model', { ...STRONG, permissionModel: 'off' }, [], 'low'],
  ['health everywhere', { ...STRONG, health: { host: '::', port: 1 } }, [], 'medium'],
  ['a channel from outside', { ...STRONG, channel: OUTSIDE_IN }, [], 'medium'],
  ['a partner in the clear', STRONG, partners({ plainTcp: true }), 'low'],
  ['a partner that is dialled so', STRONG, partners({ endpoints: [{ transport: 'tcp' }] }), 'low'],
  ['a partner that is not', STRONG, partners({ plainTcp: false }), 'high'],
];

describe('posture of a proxy’s own settings', () => {
  for (const [words, config, list, level] of table) {
    it(`${words} is ${level}`, () => {
      const under = (requirePosture: PostureLevel) =>
        belowRequired(config, { requirePosture, partners: list });
      assert.equal(under('low').length, 0);
      assert.equal(under('medium').length > 0, level === 'low');
      assert.equal(under('high').length > 0, level !== 'high');
    });
  }

  it('is of no interest where nothing is demanded', () => {
    const config: ProxyConfig = { ...STRONG, permissionModel: 'off' };
    assert.deepEqual(belowRequired(config, { partners: [] }), []);
  });

  it('says all that is too weak, and what was demanded', () => {
    const config: ProxyConfig = { ...STRONG, permissionModel: 'off', channel: OUTSIDE_IN };
    assert.deepEqual(belowRequired(config, { requirePosture: 'high', partners: [] }), [
      'posture high is demanded, and this is low: permissionModel: off',
      'posture high is demanded, and this is medium: channel: outside-in',
    ]);
  });
});
