import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  administrators,
  firewallRules,
  hostRules,
  type PacketRule,
  siteNetworks,
  withoutInner,
} from '@sallyport/app-gateway/plan/render/packet-rule.ts';
import { PLAN } from '../plan-fixture.ts';

function lineOf({ flow, family, from, to, leg, isTranslated }: PacketRule): string {
  const end = ({ networks }: PacketRule['from']) => networks.join('+') || 'any';
  const where = leg === undefined ? '' : ` ${leg.from}->${leg.to}`;
  return `${flow.id} v${family} ${end(from)} -> ${end(to)}${where}${isTranslated ? ' nat' : ''}`;
}

function firewall(name: string) {
  const found = PLAN.firewalls.find((each) => each.name === name);
  assert.ok(found);
  return found;
}

function host(name: string) {
  const found = PLAN.hosts.find((each) => each.name === name);
  assert.ok(found);
  return found;
}

describe('rules of a firewall', () => {
  it('pair each family with itself, and leave out what comes through a balancer', () => {
    assert.deepEqual(firewallRules(PLAN, firewall('fw-internet')).map(lineOf), [
      'partners>edge-a:tcp/5061 v4 any -> 10.1.0.10 internet->outer-dmz nat',
      'partners>edge-b:tcp/5061 v4 any -> 192.0.2.11 internet->outer-dmz',
      'partners>edge-b:tcp/5061 v6 any -> 2001:db8:1::11 internet->outer-dmz',
      'partners>edge-b:tcp/5060 v4 203.0.113.0/24 -> 192.0.2.11 internet->outer-dmz',
      'partners>balancer-a:tcp/5061 v4 any -> 10.1.0.5 internet->outer-dmz nat',
      'edge-a>partners:tcp/5061 v4 10.1.0.10 -> any outer-dmz->internet',
      'edge-a>partners:tcp/5061 v6 2001:db8:1::10 -> any outer-dmz->internet',
    ]);
  });

  it('know nothing of a flow that the plan does not have', () => {
    const odd = {
      ...firewall('fw-inner'),
      crossings: [{ flowId: 'gone', from: 'intranet', to: 'internet' } as const],
    };
    assert.deepEqual(firewallRules(PLAN, odd), []);
  });

  it('refuse even a listed crossing of a flow that comes through a balancer', () => {
    const via = PLAN.flows.find((flow) => flow.via !== undefined);
    const crossing = { flowId: via?.id ?? '', from: 'internet', to: 'outer-dmz' } as const;
    assert.deepEqual(
      firewallRules(PLAN, { ...firewall('fw-internet'), crossings: [crossing] }),
      [],
    );
  });
});

describe('rules of a host', () => {
  it('hold what it accepts, whoever comes, through a balancer as well', () => {
    assert.deepEqual(hostRules(PLAN, host('edge-a')).input.map(lineOf), [
      'partners>edge-a:tcp/5061 v4 any -> 10.1.0.10',
      'partners>edge-a:tcp/5063 v4 any -> 10.1.0.10',
      'core-a>edge-a:tcp/7443 v4 10.2.0.10 -> 10.1.0.10',
      'intranet>edge-a:tcp/22 v4 10.3.9.0/24 -> 10.1.0.10',
    ]);
  });

  it('hold what it opens', () => {
    assert.deepEqual(hostRules(PLAN, host('edge-a')).output.map(lineOf), [
      'edge-a>partners:tcp/5061 v4 10.1.0.10 -> any',
      'edge-a>partners:tcp/5061 v6 2001:db8:1::10 -> any',
      'edge-a>dns-1:udp/53 v4 10.1.0.10 -> 10.1.0.53',
    ]);
  });

  it('let a balancer that passes packets through send on both ways, and nobody else', () => {
    const inwards = 'partners>edge-a:tcp/5063 v4 any -> 10.1.0.10';
    const { forward, output } = hostRules(PLAN, host('balancer-b'));
    assert.deepEqual(forward.map(lineOf), [
      inwards,
      'edge-a>partners:tcp/5061 v4 10.1.0.10 -> any',
      'edge-a>partners:tcp/5061 v6 2001:db8:1::10 -> any',
    ]);
    assert.deepEqual(output.map(lineOf), [inwards], 'LVS sends as the host does');
    // Partners' answers to proxies' own addresses go past the balancer.
    assert.deepEqual(
      forward.map(({ isOneWay }) => isOneWay),
      [false, true, true],
    );
    for (const name of ['balancer-a', 'edge-a', 'core-a']) {
      assert.deepEqual(hostRules(PLAN, host(name)).forward, [], name);
    }
  });

  it('open nothing more on a balancer of packet rules, which only forwards', () => {
    const balancers = PLAN.balancers.map((each) => ({ ...each, kind: 'nftables' as const }));
    const rules = hostRules({ ...PLAN, balancers }, host('balancer-b'));
    assert.deepEqual(rules.output, []);
    assert.equal(rules.forward.length, 3);
  });

  it('count a host among the networks that a flow is for', () => {
    const flow = {
      ...PLAN.flows[0],
      id: 'x',
      from: { zone: 'inner-dmz', networks: ['10.2.0.0/24'] },
      to: { zone: 'intranet', networks: ['10.3.0.0/28'] },
    } as const;
    const plan = {
      ...PLAN,
      flows: [
        {
          ...flow,
          isLongLived: false,
          protocol: 'tcp',
          purpose: 'p',
          ports: { first: 1, last: 2 },
        },
      ],
    } as typeof PLAN;
    assert.deepEqual(hostRules(plan, host('core-a')).output.map(lineOf), [
      'x v4 10.2.0.10 -> 10.3.0.0/28',
    ]);
    assert.deepEqual(hostRules(plan, host('data')).input, []);
  });

  it('say nothing of what a host says to itself', () => {
    const self = PLAN.flows.map((flow) => ({ ...flow, from: flow.to }));
    const rules = hostRules({ ...PLAN, flows: self }, host('edge-a'));
    assert.deepEqual([...rules.input, ...rules.output], []);
  });
});

describe('networks of rules', () => {
  const table: readonly (readonly [given: readonly string[], kept: readonly string[]])[] = [
    [['10.0.0.0/8', '10.1.0.0/16'], ['10.0.0.0/8']],
    [['10.1.0.1', '10.1.0.1'], ['10.1.0.1']],
    [
      ['10.1.0.0/17', '10.1.128.0/17'],
      ['10.1.0.0/17', '10.1.128.0/17'],
    ],
    [
      ['::/0', '10.0.0.0/8', '2001:db8::1'],
      ['::/0', '10.0.0.0/8'],
    ],
  ];
  for (const [given, kept] of table) {
    it(`${given.join(' ')} are ${kept.join(' ')}`, () => {
      assert.deepEqual(withoutInner(given), kept);
    });
  }

  it('of the site are what the internet is not', () => {
    assert.deepEqual(siteNetworks(PLAN, 6), [
      '2001:db8:1::/64',
      '2001:db8:2::/64',
      '2001:db8:3::/64',
    ]);
  });

  it('of administrators are those that may log in to a host', () => {
    assert.deepEqual(administrators(PLAN), { networks: ['10.3.9.0/24'], ports: [22] });
  });
});
