import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  compareListening,
  type LivePlace,
} from '@sallyport/app-gateway/doctor/compare-listening.ts';
import { socketKey } from '@sallyport/app-gateway/doctor/listening-sockets.ts';
import { planned } from '../plan/site-on-a-network.ts';

const plan = planned();
const EPHEMERAL = { first: 32_768, last: 60_999 };

/** Exactly what the plan has for a host. */
function asPlanned(host: string): LivePlace[] {
  return plan.sockets
    .filter((socket) => socket.host === host)
    .map(({ protocol, address, port }) => ({ protocol, address, port }));
}

function differences(host: string, live: readonly LivePlace[]): readonly string[] {
  return compareListening(plan, host, live, EPHEMERAL).map(
    (place) => `${place.kind} ${socketKey(place)}`,
  );
}

describe('listening sockets against the plan', () => {
  it('what is planned is no difference, loopback included', () => {
    assert.deepEqual(differences('edge-a', asPlanned('edge-a')), []);
    assert.ok(asPlanned('edge-b').some(({ address }) => address === '127.0.0.1'));
    assert.deepEqual(differences('edge-b', asPlanned('edge-b')), []);
  });

  it('what is planned and missing is said, each place', () => {
    const [first, ...others] = asPlanned('edge-a');
    assert.ok(first !== undefined);
    assert.deepEqual(differences('edge-a', others), [`not-listening ${socketKey(first)}`]);
  });

  const extra: readonly (readonly [string, LivePlace, readonly string[]])[] = [
    [
      'another port',
      { protocol: 'tcp', address: '192.0.2.11', port: 9999 },
      ['unplanned tcp 192.0.2.11:9999'],
    ],
    [
      'another address',
      { protocol: 'tcp', address: '10.1.0.11', port: 5061 },
      ['unplanned tcp 10.1.0.11:5061'],
    ],
    [
      'another protocol',
      { protocol: 'udp', address: '192.0.2.11', port: 5061 },
      ['unplanned udp 192.0.2.11:5061'],
    ],
    [
      'loopback',
      { protocol: 'tcp', address: '127.0.0.53', port: 53 },
      ['unplanned-loopback tcp 127.0.0.53:53'],
    ],
    [
      'every address, port planned on one',
      { protocol: 'tcp', address: '0.0.0.0', port: 5061 },
      ['wider-than-planned tcp 0.0.0.0:5061'],
    ],
    [
      'every address of both families',
      { protocol: 'tcp', address: '::', port: 5061 },
      ['wider-than-planned tcp [::]:5061'],
    ],
    ['every address, planned on all', { protocol: 'tcp', address: '0.0.0.0', port: 22 }, []],
    ['a datagram client', { protocol: 'udp', address: '0.0.0.0', port: 40_000 }, []],
    [
      'a datagram server below',
      { protocol: 'udp', address: '0.0.0.0', port: 32_767 },
      ['unplanned udp 0.0.0.0:32767'],
    ],
    [
      'a TCP server among clients’ ports',
      { protocol: 'tcp', address: '192.0.2.11', port: 40_000 },
      ['unplanned tcp 192.0.2.11:40000'],
    ],
  ];
  for (const [what, place, expected] of extra) {
    it(`besides what is planned: ${what}`, () => {
      assert.deepEqual(differences('edge-a', [...asPlanned('edge-a'), place]), expected);
    });
  }

  it('of a host that is not ours only what is planned matters', () => {
    const extra = { protocol: 'tcp', address: '10.3.0.40', port: 9999 } as const;
    assert.deepEqual(differences('sip-server', [...asPlanned('sip-server'), extra]), []);
    assert.deepEqual(differences('sip-server', [extra]), ['not-listening tcp 10.3.0.40:5081']);
    const ssh = { protocol: 'tcp', address: '192.0.2.5', port: 9999 } as const;
    assert.equal(differences('balancer', [...asPlanned('balancer'), ssh]).length, 1);
  });

  it('a socket on every address serves the planned ones of its family', () => {
    const live = asPlanned('app-b').filter(({ port }) => port !== 5071);
    const inner = { protocol: 'tcp', port: 5071 } as const;
    assert.deepEqual(differences('app-b', [...live, { ...inner, address: '0.0.0.0' }]), []);
    assert.deepEqual(differences('app-b', [...live, { ...inner, address: '::' }]), []);
    assert.deepEqual(differences('app-b', [...live, { ...inner, address: '::1' }]), [
      'not-listening tcp 10.2.0.22:5071',
      'unplanned-loopback tcp [::1]:5071',
    ]);
  });
});
