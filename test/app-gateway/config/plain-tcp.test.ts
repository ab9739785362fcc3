import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type PlainSettings,
  plainTcpFaults,
  shareNetworks,
  transportTo,
} from '@sallyport/app-gateway/config/plain-tcp.ts';

const AT_TCP = { host: '192.0.2.5', transport: 'tcp' } as const;
const AT_TLS = { host: '192.0.2.5', transport: 'tls' } as const;

function settings(change: Partial<PlainSettings> = {}): PlainSettings {
  return { plainTcp: true, sourceNetworks: ['192.0.2.0/24'], endpoints: [], ...change };
}

describe('how a partner is reached', () => {
  // plainTcp  keys  endpoints  transport
  const rows = [
    [false, 1, [], 'tls'],
    [false, 0, [], 'tls'],
    [false, 0, [AT_TCP], 'tls'],
    [true, 1, [], 'tls'],
    [true, 1, [AT_TLS], 'tls'],
    [true, 1, [AT_TCP], 'tcp'],
    [true, 0, [], 'tcp'],
    [true, 0, [AT_TLS], 'tls'],
    [true, 0, [AT_TCP], 'tcp'],
  ] as const;
  for (const [plainTcp, keys, endpoints, expected] of rows) {
    const where = endpoints.map(({ transport }) => transport).join() || 'none';
    it(`plainTcp ${plainTcp}, ${keys} keys, endpoints ${where}: by ${expected}`, () => {
      const trustSets = Array.from({ length: keys });
      assert.equal(transportTo({ plainTcp, trustSets, endpoints }), expected);
    });
  }
});

describe('what contradicts itself', () => {
  const rows: readonly (readonly [PlainSettings, readonly string[]])[] = [
    [settings(), []],
    [settings({ plainTcp: false, sourceNetworks: [] }), []],
    [settings({ sourceNetworks: [] }), ['sourceNetworks']],
    [settings({ sourceNetworks: ['192.0.2.0/24', '::/0'] }), ['sourceNetworks.1']],
    [settings({ endpoints: [AT_TCP] }), []],
    [settings({ endpoints: [{ ...AT_TCP, host: 'sip.globex.example' }] }), []],
    [settings({ endpoints: [{ ...AT_TCP, host: '192.0.3.5' }] }), ['endpoints.0.host']],
    [settings({ plainTcp: false, endpoints: [AT_TLS, AT_TCP] }), ['endpoints.1.transport']],
    [settings({ endpoints: [AT_TLS, AT_TCP] }), ['endpoints.1.transport']],
  ];
  for (const [given, expected] of rows) {
    it(`${JSON.stringify(given)}: ${expected.join() || 'nothing'}`, () => {
      assert.deepEqual(
        plainTcpFaults(given).map(({ path }) => path.join('.')),
        expected,
      );
    });
  }
});

describe('two partners that nothing tells apart', () => {
  const rows = [
    ['192.0.2.0/24', '192.0.2.0/24', true],
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.255', '192.0.2.0/24', true],
    ['192.0.2.0/24', '192.0.3.0/24', false],
    ['192.0.2.0/25', '192.0.2.128/25', false],
    ['2001:db8::/32', '2001:db8:1::/48', true],
    ['2001:db8::/32', '192.0.2.0/24', false],
  ] as const;
  for (const [a, b, expected] of rows) {
    it(`${a} and ${b}: ${expected}`, () => {
      const [first, second] = [
        settings({ sourceNetworks: [a] }),
        settings({ sourceNetworks: [b] }),
      ];
      assert.equal(shareNetworks(first, second), expected);
      assert.equal(shareNetworks(first, { ...second, plainTcp: false }), false);
      assert.equal(shareNetworks({ ...first, plainTcp: false }, second), false);
    });
  }
});
