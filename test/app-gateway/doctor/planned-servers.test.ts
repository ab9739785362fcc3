import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serversFor } from '@sallyport/app-gateway/doctor/planned-servers.ts';
import { planned } from '../plan/site-on-a-network.ts';

const plan = planned();

describe('servers that a plan lets a host ask', () => {
  const rows: readonly (readonly ['time' | 'names', string, readonly string[]])[] = [
    ['time', '192.0.2.11', ['192.0.2.60']],
    ['time', '10.2.0.21', ['10.3.0.60', '192.0.2.60']],
    ['names', '192.0.2.11', ['192.0.2.53']],
    ['names', '10.2.0.21', []],
    ['time', '198.51.100.1', []],
  ];
  for (const [kind, address, servers] of rows) {
    it(`${kind} at ${address}: ${servers.join(', ') || 'none'}`, () => {
      const found = serversFor(kind, plan, [address]);
      assert.deepEqual(found.map((socket) => socket.address).sort(), servers);
    });
  }

  it('a name server on a port of its own is one too', () => {
    const moved = planned((site) => {
      site.nameservers = ['192.0.2.53:5353'];
    });
    const [server] = serversFor('names', moved, ['192.0.2.11']);
    assert.equal(server?.port, 5353);
  });
});
