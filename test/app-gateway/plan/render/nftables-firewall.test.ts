import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPlan, PlanFlow } from '@sallyport/app-gateway/plan/network-plan.ts';
import {
  dropCounter,
  firewallSysctl,
  nftablesFirewall,
  STANDING_SECONDS,
} from '@sallyport/app-gateway/plan/render/nftables-firewall.ts';
import { firewallRules } from '@sallyport/app-gateway/plan/render/packet-rule.ts';
import { PLAN } from '../plan-fixture.ts';

function textOf(name: string, plan: NetworkPlan = PLAN): string {
  const firewall = plan.firewalls.find((each) => each.name === name);
  assert.ok(firewall);
  return nftablesFirewall(plan, firewall);
}

function linesOf(text: string, chain: string): readonly string[] {
  const body = text.split(`\tchain ${chain} {\n`)[1]?.split('\n\t}\n')[0];
  assert.ok(body !== undefined, `no chain ${chain}`);
  return body.split('\n').map((line) => line.trim());
}

describe('nftables rules of a firewall', () => {
  for (const { name } of PLAN.firewalls) {
    it(`${name} drops what nothing allows, passing and to itself`, () => {
      for (const hook of ['forward', 'input']) {
        const lines = linesOf(textOf(name), hook);
        assert.equal(lines[0], `type filter hook ${hook} priority filter; policy drop;`);
        assert.equal(lines.at(-1), 'jump dropped');
      }
      assert.equal(linesOf(textOf(name), 'dropped').at(-1), 'counter name "drop_other" drop');
    });

    it(`${name} accepts its flows and nothing else`, () => {
      const firewall = PLAN.firewalls.find((each) => each.name === name);
      assert.ok(firewall);
      const accepts = linesOf(textOf(name), 'forward').filter((line) => / accept\b/.test(line));
      assert.deepEqual(
        accepts.map((line) => /comment "([^"]+)"/.exec(line)?.[1] ?? line),
        [
          'ct state established,related accept',
          ...firewallRules(PLAN, firewall).map(({ flow }) => flow.id),
        ],
      );
    });
  }

  it('names interfaces, addresses, port and a beginning in every rule', () => {
    const lines = linesOf(textOf('fw-dmz'), 'forward');
    assert.ok(
      lines.includes(
        'iifname "eth1" oifname "eth0" ip saddr 10.2.0.10 ip daddr 10.1.0.10 tcp dport 7443-7446 tcp flags & (fin|syn|rst|ack) == syn ct state new ct timeout set "standing_4" counter name "flow.core-a.to.edge-a/tcp/7443" accept comment "core-a>edge-a:tcp/7443"',
      ),
      lines.join('\n'),
    );
  });

  const changes: readonly (readonly [what: string, change: (flow: PlanFlow) => PlanFlow])[] = [
    ['port', (flow) => ({ ...flow, ports: { first: 7500, last: 7500 } })],
    ['last port', (flow) => ({ ...flow, ports: { ...flow.ports, last: 7447 } })],
    ['source', (flow) => ({ ...flow, from: { ...flow.from, networks: ['10.2.0.11'] } })],
    ['target', (flow) => ({ ...flow, to: { ...flow.to, networks: ['10.1.0.11'] } })],
    ['protocol', (flow) => ({ ...flow, protocol: 'udp' })],
    ['life', (flow) => ({ ...flow, isLongLived: false })],
    ['rate', (flow) => ({ ...flow, newPerSourcePerSecond: 7 })],
  ];
  for (const [what, change] of changes) {
    it(`says so when the ${what} of a flow changes, and in its rule alone`, () => {
      const id = 'core-a>edge-a:tcp/7443';
      const flows = PLAN.flows.map((flow) => (flow.id === id ? change(flow) : flow));
      const [before, after] = [textOf('fw-dmz'), textOf('fw-dmz', { ...PLAN, flows })];
      const old = new Set(before.split('\n'));
      const fresh = after.split('\n').filter((line) => !old.has(line));
      assert.ok(fresh.some((line) => line.includes(` accept comment "${id}"`)) || what === 'rate');
      assert.ok(fresh.length > 0);
      for (const line of fresh) assert.match(line, /core-a|ipv[46]_addr/);
    });
  }

  it('takes nobody of the site for the internet', () => {
    const partners = linesOf(textOf('fw-internet'), 'forward').filter((line) =>
      line.includes('"partners>'),
    );
    assert.ok(partners.length > 0);
    for (const line of partners) assert.match(line, /ip6? saddr != @site_[46] /);
    assert.match(
      textOf('fw-internet'),
      /set site_4 .*10\.1\.0\.0\/24.*10\.2\.0\.0\/24.*10\.3\.0\.0\/16/,
    );
  });

  it('limits new connections a source, an IPv6 one by its /64, in tables of bounded size', () => {
    const text = textOf('fw-internet');
    assert.match(
      text,
      /ip6 saddr and ffff:ffff:ffff:ffff:: limit rate over 20\/second burst 40 packets } counter name "limited" drop/,
    );
    assert.match(
      text,
      /ip saddr limit rate over 5\/second burst 10 packets } .* "partners>edge-b:tcp\/5060"/,
    );
    const sets = text.split('\n').filter((line) => line.includes('flags dynamic'));
    assert.equal(sets.length, 5);
    for (const line of sets) assert.match(line, /size 65536; timeout 1m$/);
    assert.ok(!textOf('fw-inner').includes('flags dynamic'));
  });

  it('limits before it accepts', () => {
    const lines = linesOf(textOf('fw-internet'), 'forward').filter((line) =>
      line.includes('"partners>edge-a:tcp/5061"'),
    );
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', / drop comment /);
    assert.match(lines[1] ?? '', / accept comment /);
  });

  it('lets in what it translated itself, and nobody who knows the inner address', () => {
    const lines = linesOf(textOf('fw-internet'), 'forward');
    for (const line of lines.filter((each) => each.includes('ip daddr 10.1.0.10'))) {
      assert.match(line, /ct status dnat/);
    }
    assert.deepEqual(linesOf(textOf('fw-internet'), 'translate_targets').slice(1), [
      'iifname "eth0" ip saddr != @site_4 ip daddr 198.51.100.10 tcp dport 5061 dnat ip to 10.1.0.10:5061 comment "partners>edge-a:tcp/5061"',
      'iifname "eth0" ip saddr != @site_4 ip daddr 198.51.100.5 tcp dport 443 dnat ip to 10.1.0.5:5061 comment "partners>balancer-a:tcp/5061"',
    ]);
    assert.deepEqual(linesOf(textOf('fw-internet'), 'translate_sources').slice(1), [
      'oifname "eth0" ip saddr 10.1.0.10 ip daddr != @site_4 snat ip to 198.51.100.10',
    ]);
    assert.ok(!textOf('fw-dmz').includes('type nat'));
  });

  it('drops forged sources where interfaces are known', () => {
    assert.deepEqual(linesOf(textOf('fw-dmz'), 'spoofed'), [
      'iifname "eth0" ip saddr { 10.2.0.0/24, 10.3.0.0/16 } counter name "spoofed" drop',
      'iifname "eth0" ip6 saddr { 2001:db8:2::/64, 2001:db8:3::/64 } counter name "spoofed" drop',
      'iifname "eth1" ip saddr != { 10.2.0.0/24, 10.3.0.0/16 } counter name "spoofed" drop',
      'iifname "eth1" ip6 saddr != { 2001:db8:2::/64, 2001:db8:3::/64 } counter name "spoofed" drop',
    ]);
    assert.match(textOf('fw-inner'), /forged sources are not told apart/);
  });

  it('lets administrators log in and ask, and nobody else speak to it', () => {
    const accepts = linesOf(textOf('fw-dmz'), 'input').filter((line) => / accept$/.test(line));
    assert.deepEqual(accepts, [
      'iif "lo" accept',
      'icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
      'icmpv6 type mld-listener-query ip6 saddr fe80::/10 ip6 hoplimit 1 accept',
      'ct state established,related accept',
      'ip saddr 10.3.9.0/24 tcp dport 22 ct state new accept',
      'ip saddr 10.3.9.0/24 icmp type echo-request accept',
    ]);
  });

  it('counts what it dropped by the zones of both ends', () => {
    const lines = linesOf(textOf('fw-inner'), 'dropped');
    for (const from of ['internet', 'outer-dmz', 'inner-dmz', 'intranet'] as const) {
      for (const to of ['internet', 'outer-dmz', 'inner-dmz', 'intranet'] as const) {
        const counter = `counter name "${dropCounter(from, to)}" drop`;
        assert.equal(lines.filter((line) => line.endsWith(counter)).length, 2, counter);
        assert.ok(textOf('fw-inner').includes(`counter ${dropCounter(from, to)} { }`));
      }
    }
    assert.match(lines[0] ?? '', /^limit rate .* log prefix/);
  });

  it('forgets no connection that stands before two hours of silence', () => {
    assert.ok(STANDING_SECONDS >= 7200);
    assert.match(textOf('fw-dmz'), new RegExp(`policy = { established : ${STANDING_SECONDS} }`));
    assert.match(
      firewallSysctl(),
      new RegExp(`nf_conntrack_tcp_timeout_established = ${STANDING_SECONDS}`),
    );
  });

  it('replaces its own table at once and no other', () => {
    assert.match(textOf('fw-dmz'), /^table inet sallyport\ndelete table inet sallyport\n/m);
    assert.ok(!textOf('fw-dmz').includes('flush ruleset'));
  });
});
