import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import { iptablesFirewall } from '@sallyport/app-gateway/plan/render/iptables-firewall.ts';
import { firewallRules } from '@sallyport/app-gateway/plan/render/packet-rule.ts';
import { PLAN } from '../plan-fixture.ts';

function linesOf(name: string, family: 4 | 6, plan: NetworkPlan = PLAN): readonly string[] {
  const firewall = plan.firewalls.find((each) => each.name === name);
  assert.ok(firewall);
  return iptablesFirewall(plan, firewall, family).split('\n');
}

/** What leads to ACCEPT: the flow's id, once for each source and target. */
function entries(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => /^-A FORWARD .*--comment "([^"]+)" -j f-/.exec(line)?.[1] ?? []);
}

describe('iptables rules of a firewall', () => {
  for (const { name } of PLAN.firewalls) {
    for (const family of [4, 6] as const) {
      it(`${name}, IPv${family}: drops by default and accepts its flows alone`, () => {
        const lines = linesOf(name, family);
        const firewall = PLAN.firewalls.find((each) => each.name === name);
        assert.ok(firewall);
        assert.ok(lines.includes(':INPUT DROP [0:0]'));
        assert.ok(lines.includes(':FORWARD DROP [0:0]'));
        const expected = firewallRules(PLAN, firewall)
          .filter((rule) => rule.family === family)
          .map(({ flow }) => flow.id);
        assert.deepEqual(entries(lines), expected);
        const accepted = lines.filter(
          (line) => line.startsWith('-A f-') && / -j ACCEPT$/.test(line),
        );
        assert.equal(accepted.length, expected.length);
        const forwarded = lines.filter(
          (line) => line.startsWith('-A FORWARD') && line.endsWith('-j ACCEPT'),
        );
        assert.deepEqual(forwarded, [
          '-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
        ]);
      });

      it(`${name}, IPv${family}: names no address of the other family`, () => {
        const foreign = family === 4 ? /-[sd] [0-9a-f]*:/ : /-[sd] \d+\.\d+\./;
        for (const line of linesOf(name, family)) assert.doesNotMatch(line, foreign);
      });
    }
  }

  it('names interfaces, addresses, port and a beginning in every rule', () => {
    const entry = linesOf('fw-dmz', 4).find((line) => line.includes('core-a>edge-a:tcp/7443'));
    assert.match(
      entry ?? '',
      /^-A FORWARD -i eth1 -o eth0 -s 10\.2\.0\.10 -d 10\.1\.0\.10 -p tcp -m tcp --dport 7443:7446 --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -m comment --comment "core-a>edge-a:tcp\/7443" -j f-[0-9a-f]{10}$/,
    );
  });

  it('takes nobody of the site for the internet, and limits before it accepts', () => {
    const lines = linesOf('fw-internet', 4);
    const entry = lines.findIndex((line) => line.includes('"partners>edge-a:tcp/5061" -j f-'));
    const chain = /-j (f-\w+)$/.exec(lines[entry] ?? '')?.[1] ?? '';
    const own = lines.filter((line) => line.startsWith(`-A ${chain} `));
    assert.deepEqual(
      own.map((line) => / -j (\w+)$/.exec(line)?.[1]),
      ['RETURN', 'RETURN', 'RETURN', 'RETURN', 'RETURN', 'DROP', 'ACCEPT'],
    );
    assert.match(own[4] ?? '', /! --ctstate DNAT/);
    assert.match(own[5] ?? '', /--hashlimit-above 20\/sec .*--hashlimit-srcmask 32 .*max 65536/);
    assert.match(linesOf('fw-internet', 6).join('\n'), /--hashlimit-srcmask 64/);
  });

  it('keeps the chain of a flow when another flow goes', () => {
    const without = { ...PLAN, flows: PLAN.flows.slice(1) };
    const gone = linesOf('fw-internet', 4).filter(
      (line) => !linesOf('fw-internet', 4, without).includes(line),
    );
    for (const line of gone) assert.match(line, /edge-a|f-4c041a1265|10\.1\.0\.10/);
  });

  it('translates both ways at the internet alone', () => {
    const lines = linesOf('fw-internet', 4);
    assert.ok(
      lines.includes(
        '-A outside -i eth0 -d 198.51.100.5 -p tcp -m tcp --dport 443 -m comment --comment "partners>balancer-a:tcp/5061" -j DNAT --to-destination 10.1.0.5:5061',
      ),
    );
    assert.ok(lines.includes('-A outward -o eth0 -s 10.1.0.10 -j SNAT --to-source 198.51.100.10'));
    assert.ok(!linesOf('fw-dmz', 4).includes('*nat'));
    assert.ok(!linesOf('fw-internet', 6).includes('*nat'));
  });

  it('drops forged sources where interfaces are known', () => {
    const forged = linesOf('fw-dmz', 6).filter((line) => line.startsWith('-A spoofed'));
    assert.deepEqual(forged, [
      '-A spoofed -i eth0 -s 2001:db8:2::/64 -j DROP',
      '-A spoofed -i eth0 -s 2001:db8:3::/64 -j DROP',
      '-A spoofed -i eth1 -s 2001:db8:2::/64 -j RETURN',
      '-A spoofed -i eth1 -s 2001:db8:3::/64 -j RETURN',
      '-A spoofed -i eth1 -j DROP',
    ]);
  });

  it('lets neighbours of the link speak, with the hop limit that nobody further off can have', () => {
    const neighbours = linesOf('fw-dmz', 6).filter((line) => line.includes('ipv6-icmp'));
    assert.equal(neighbours.length, 5);
    const [query, ...others] = neighbours.toReversed();
    for (const line of others) assert.match(line, /^-A INPUT .*--hl-eq 255 -j ACCEPT$/);
    assert.match(query ?? '', /--icmpv6-type 130 -s fe80::\/10 -m hl --hl-eq 1 -j ACCEPT$/);
  });
});
