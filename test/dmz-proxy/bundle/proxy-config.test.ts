import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeProxyConfig } from '@sallyport/dmz-proxy/bundle/proxy-config.ts';

const GOOD = {
  site: 'acme',
  node: 'edge-1',
  workers: 2,
  listen: [{ host: '0.0.0.0', port: 5061, proxyProtocolFrom: ['10.0.0.5/32'] }],
  health: { host: '127.0.0.1', port: 8081 },
  channel: { dial: 'inside-out', host: '10.0.1.5', port: 7443 },
  permissionModel: 'required',
};
const decode = (value: unknown) => decodeProxyConfig(Buffer.from(JSON.stringify(value)));

describe('proxy.json', () => {
  it('is read as written', () => {
    assert.deepEqual(decode(GOOD), { ok: true, value: GOOD });
  });

  it('may name gateways to dial', () => {
    const gateways = [{ node: 'gateway-1', host: '10.0.2.5', port: 7443 }];
    assert.equal(decode({ ...GOOD, channel: { dial: 'outside-in', gateways } }).ok, true);
  });

  it('may say of a listener how it is reached, and who looks at it', () => {
    const more = {
      transport: 'tcp',
      advertise: { host: 'plain.acme.example', port: 5060 },
      checksFrom: ['10.0.0.6/32'],
    };
    const value = { ...GOOD, listen: [{ ...GOOD.listen[0], ...more }] };
    assert.deepEqual(decode(value), { ok: true, value });
  });

  const listening = (change: object) => ({ ...GOOD, listen: [{ ...GOOD.listen[0], ...change }] });
  const table: readonly (readonly [what: string, value: unknown, problems: number])[] = [
    ['not an object', [], 1],
    ['an unknown key', { ...GOOD, debug: true }, 1],
    ['a missing key', { ...GOOD, health: undefined }, 1],
    ['no worker', { ...GOOD, workers: 0 }, 1],
    ['too many workers', { ...GOOD, workers: 65 }, 1],
    ['no address to listen on', { ...GOOD, listen: [] }, 1],
    ['a site name in capitals', { ...GOOD, site: 'ACME' }, 1],
    ['a port out of range', { ...GOOD, health: { host: '::1', port: 65_536 } }, 1],
    [
      'a network that is a name',
      { ...GOOD, listen: [{ ...GOOD.listen[0], proxyProtocolFrom: ['lb'] }] },
      1,
    ],
    ['a transport that there is not', listening({ transport: 'udp' }), 1],
    ['a name in capitals', listening({ advertise: { host: 'SIP.acme.example', port: 5061 } }), 1],
    ['a name without a port', listening({ advertise: { host: 'sip.acme.example' } }), 1],
    ['what is for firewalls', listening({ nat: { address: '192.0.2.1', port: 5061 } }), 1],
    ['another direction', { ...GOOD, channel: { ...GOOD.channel, dial: 'sideways' } }, 1],
    ['no gateway to dial', { ...GOOD, channel: { dial: 'outside-in', gateways: [] } }, 1],
    [
      'three problems, all told',
      { ...GOOD, workers: 'two', node: '', permissionModel: 'maybe' },
      3,
    ],
  ];
  for (const [what, value, problems] of table) {
    it(`with ${what} is refused`, () => {
      const decoded = decode(value);
      assert.equal(decoded.ok, false);
      assert.equal(decoded.ok ? 0 : decoded.error.length, problems);
    });
  }

  it('that is no JSON is refused', () => {
    assert.equal(decodeProxyConfig(Buffer.from('{')).ok, false);
    assert.equal(decodeProxyConfig(Buffer.from([0xff])).ok, false);
  });
});
