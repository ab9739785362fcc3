import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialSource } from '@sallyport/dmz-proxy/connections/dial-source.ts';

describe('the address that partners are dialled from', () => {
  const ROWS: readonly (readonly [
    listeners: readonly string[],
    target: string,
    from: string | undefined,
  ])[] = [
    [['192.0.2.11'], '198.51.100.7', '192.0.2.11'],
    [['192.0.2.11', '192.0.2.12'], '198.51.100.7', '192.0.2.11'],
    [['192.0.2.11', '2001:db8::11'], '2001:db8:9::7', '2001:db8::11'],
    [['192.0.2.11'], '2001:db8:9::7', undefined],
    [['0.0.0.0'], '198.51.100.7', undefined],
    [['::'], '2001:db8:9::7', undefined],
    [['0.0.0.0', '192.0.2.12'], '198.51.100.7', '192.0.2.12'],
    [['127.0.0.1'], '198.51.100.7', undefined],
    [['127.0.0.1', '192.0.2.12'], '198.51.100.7', '192.0.2.12'],
    [['127.0.0.1'], '127.0.0.7', '127.0.0.1'],
    [['192.0.2.11'], '127.0.0.7', undefined],
    [['::1'], '::1', '::1'],
  ];
  for (const [hosts, target, from] of ROWS) {
    it(`listening on ${hosts.join(' and ')}, ${target} is dialled from ${from ?? 'whatever the system takes'}`, () => {
      const listen = hosts.map((host) => ({
        host,
        port: 5061,
        transport: 'tls' as const,
        proxyProtocolFrom: [],
        checksFrom: [],
      }));
      assert.equal(dialSource(listen, target), from);
    });
  }
});
