import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostOf, type NamedSite, OwnNames } from '@sallyport/app-gateway/domain/own-names.ts';

type Listener = NamedSite['proxies'][number]['listen'][number];

function listener(change: Partial<Listener> = {}): Listener {
  return {
    host: '10.0.0.1',
    port: 5061,
    transport: 'tls',
    proxyProtocolFrom: [],
    checksFrom: [],
    ...change,
  };
}

const north = { host: 'north.acme.example', port: 5071 };
const plain = { host: 'plain.acme.example', port: 5070 };
const site: NamedSite = {
  public: { host: 'sip.acme.example', port: 5062 },
  proxies: [
    { node: 'edge-1', listen: [listener(), listener({ port: 5071, advertise: north })] },
    {
      node: 'edge-2',
      listen: [
        listener({ transport: 'tcp', port: 5070, advertise: plain }),
        listener({ advertise: north }),
        listener({ transport: 'tcp', port: 5080 }),
      ],
    },
    { node: 'edge-3', listen: [listener({ transport: 'tcp', port: 0 })] },
  ],
};
const PUBLIC = 'sip.acme.example:5062';
const NORTH = 'north.acme.example:5071';
const PLAIN = 'plain.acme.example:5070';

describe('the names that partners know us by', () => {
  const names = new OwnNames(site);

  it('are the public one and all that listeners advertise', () => {
    assert.deepEqual(
      [...names.all].sort(),
      [NORTH, PLAIN, PUBLIC, 'sip.acme.example:5060', 'sip.acme.example:5080'].sort(),
    );
  });

  // node       advertised   transport   name
  const arrivals = [
    ['edge-1', undefined, 'tls', PUBLIC],
    ['edge-1', NORTH, 'tls', NORTH],
    ['edge-2', NORTH, 'tls', NORTH],
    ['edge-2', undefined, 'tcp', PLAIN],
    ['edge-1', 'evil.example:5061', 'tls', PUBLIC],
    ['edge-1', PLAIN, 'tls', PUBLIC],
    ['edge-2', NORTH, 'tcp', PLAIN],
    ['nobody', undefined, 'tls', PUBLIC],
    ['nobody', undefined, 'tcp', 'sip.acme.example:5060'],
  ] as const;
  for (const [node, advertised, transport, expected] of arrivals) {
    it(`${expected} on a connection to ${node} by ${transport}, which says ${advertised}`, () => {
      const arrival = { transport, ...(advertised === undefined ? {} : { advertised }) };
      assert.deepEqual(names.ofArrival(node, arrival), { hostPort: expected, transport });
    });
  }

  // node       transport   name
  const ours = [
    ['edge-1', 'tls', PUBLIC],
    ['edge-1', 'tcp', 'sip.acme.example:5060'],
    ['edge-2', 'tls', NORTH],
    ['edge-2', 'tcp', PLAIN],
    ['edge-3', 'tcp', 'sip.acme.example:5060'],
    ['edge-3', 'tls', PUBLIC],
  ] as const;
  for (const [node, transport, expected] of ours) {
    it(`${expected} on a connection that ${node} opens by ${transport}`, () => {
      assert.deepEqual(names.ofNode(node, transport), { hostPort: expected, transport });
    });
  }

  it('have a host, IPv6 in brackets', () => {
    assert.equal(hostOf('[2001:db8::1]:5061'), '[2001:db8::1]');
    assert.equal(hostOf(NORTH), 'north.acme.example');
  });
});
