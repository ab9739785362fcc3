import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { questionFor, targetsFrom } from '@sallyport/app-gateway/doctor/pairs.ts';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { planned } from '../plan/site-on-a-network.ts';

function places(plan: NetworkPlan, zone: 'internet' | 'outer-dmz' | 'intranet', host?: string) {
  return targetsFrom(plan, { zone, host }).map(
    ({ socket, dial }) => `${socket.host} ${socket.protocol} ${hostPort(dial.address, dial.port)}`,
  );
}

describe('what is tried from somewhere', () => {
  it('every socket of every other host, and none on loopback', () => {
    const plan = planned();
    const from = places(plan, 'outer-dmz', 'edge-a');
    const expected = plan.sockets.filter(
      ({ host, address }) =>
        host !== 'edge-a' && !address.startsWith('127.') && !address.includes(':'),
    );
    assert.ok(expected.length > 10);
    assert.equal(from.length, expected.length);
    assert.ok(from.includes('edge-b tcp 192.0.2.12:5061'), 'a neighbour of ours');
    assert.ok(!from.some((place) => place.startsWith('edge-a ')), 'not itself');
  });

  it('a host or a zone without IPv6 tries no IPv6, others do', () => {
    const plan = planned();
    const isIpv6 = (place: string) => place.includes('[');
    assert.equal(places(plan, 'outer-dmz', 'edge-a').filter(isIpv6).length, 0);
    assert.equal(places(plan, 'intranet').filter(isIpv6).length, 0);
    assert.ok(places(plan, 'outer-dmz').some(isIpv6));
    assert.ok(places(plan, 'internet').some(isIpv6));
  });

  it('from the internet a translated address is dialled, from elsewhere the real one', () => {
    const plan = planned((site) => {
      site.network.balancers[0].nat = { address: '198.51.100.9', port: 443 };
    });
    const [flow] = plan.flows.filter(({ nat }) => nat !== undefined);
    assert.equal(flow?.to.host, 'balancer');
    assert.ok(places(plan, 'internet').includes('balancer tcp 198.51.100.9:443'));
    assert.ok(!places(plan, 'internet').includes('balancer tcp 192.0.2.5:5061'));
    assert.ok(places(plan, 'intranet').includes('balancer tcp 192.0.2.5:5061'));
  });

  it('of two listeners at one port each has its own translation', () => {
    const made = planned();
    const [flow] = made.flows.filter(({ from }) => from.zone === 'internet');
    assert.ok(flow !== undefined);
    const listeners = ['192.0.2.11', '10.1.0.11'];
    const plan: NetworkPlan = {
      ...made,
      sockets: listeners.map((address) => ({
        host: 'edge-a',
        address,
        protocol: 'tcp',
        port: 5061,
        purpose: '',
      })),
      flows: listeners.map((address, at) => ({
        ...flow,
        to: { zone: 'outer-dmz', host: 'edge-a', networks: [address] },
        nat: { address: `198.51.100.${at + 1}`, port: 443 },
      })),
    };
    const found = places(plan, 'internet').filter((place) => place.includes('198.51.100'));
    assert.deepEqual(found, ['edge-a tcp 198.51.100.1:443', 'edge-a tcp 198.51.100.2:443']);
  });

  it('neighbours that are not ours are left alone: no rule of the plan stands between them', () => {
    const fromServer = places(planned(), 'intranet', 'sip-server');
    assert.ok(!fromServer.some((place) => place.includes('10.3.0.30')), 'the database');
    assert.ok(fromServer.some((place) => place.startsWith('app-a ')));
  });

  const questions: readonly (readonly ['tcp' | 'udp', number, string, string | undefined])[] = [
    ['tcp', 5061, 'partners', 'connect'],
    ['tcp', 53, 'DNS', 'connect'],
    ['udp', 53, 'DNS', 'dns'],
    ['udp', 5353, 'DNS', 'dns'],
    ['udp', 53, 'resolver', 'dns'],
    ['udp', 123, 'time', 'ntp'],
    ['udp', 514, 'syslog', undefined],
    ['udp', 161, 'SNMP', undefined],
  ];
  for (const [protocol, port, purpose, question] of questions) {
    it(`${protocol}/${port} for ${purpose} is asked by ${question ?? 'nothing'}`, () => {
      assert.equal(questionFor({ protocol, port, purpose }), question);
    });
  }
});
