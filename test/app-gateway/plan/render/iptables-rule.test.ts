import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  administrationRules,
  flowLines,
  logLine,
  neighbourLines,
} from '@sallyport/app-gateway/plan/render/iptables-rule.ts';
import { hostRules } from '@sallyport/app-gateway/plan/render/packet-rule.ts';
import { PLAN } from '../plan-fixture.ts';

const PLACE = { chain: 'INPUT', interfaces: {}, needsSyn: true, site: ['10.0.0.0/8'] } as const;

describe('texts of iptables', () => {
  it('every source is written with every target', () => {
    const [flow] = PLAN.flows.filter(({ id }) => id === 'core-a>edge-a:tcp/7443');
    assert.ok(flow);
    const wide = { ...flow, to: { ...flow.to, networks: ['10.1.0.1', '10.1.0.2'] } };
    const many = { ...wide, from: { ...flow.from, networks: ['10.2.0.1', '10.2.0.2'] } };
    const host = PLAN.hosts.find(({ name }) => name === 'edge-a');
    assert.ok(host);
    const [rule] = hostRules({ ...PLAN, flows: [many] }, host).input;
    assert.ok(rule);
    const pairs = flowLines(rule, PLACE).flatMap(
      (line) => /-s (\S+) -d (\S+)/.exec(line)?.slice(1).join() ?? [],
    );
    assert.deepEqual(pairs, [
      '10.2.0.1,10.1.0.1',
      '10.2.0.1,10.1.0.2',
      '10.2.0.2,10.1.0.1',
      '10.2.0.2,10.1.0.2',
    ]);
  });

  it('a log prefix fits into what the tool keeps of it', () => {
    const prefix = /--log-prefix "([^"]*)"/.exec(
      logLine('x', 'sp a-very-long-name-of-a-firewall drop'),
    );
    assert.equal(prefix?.[1]?.length, 29);
  });

  it('IPv6 neighbours are asked and told, routers only where they can be (RFC 4890 §4.3.1, §4.4.1)', () => {
    const neighbours = ['neighbour-solicitation 255', 'neighbour-advertisement 255'];
    const [asks, tells] = ['router-solicitation 255', 'router-advertisement 255'];
    const table = [
      ['INPUT', 'host', [tells, ...neighbours, '130 1']],
      ['INPUT', 'router', [asks, tells, ...neighbours, '130 1']],
      ['OUTPUT', 'host', [asks, ...neighbours, '143 ']],
      ['OUTPUT', 'router', [asks, ...neighbours, '143 ']],
    ] as const;
    for (const [chain, at, types] of table) {
      assert.deepEqual(neighbourLines(chain, 4, at), []);
      const lines = neighbourLines(chain, 6, at);
      for (const line of lines) assert.match(line, new RegExp(`^-A ${chain} .*-j ACCEPT$`));
      assert.deepEqual(
        lines.map((line) => {
          const [, type = '', limit = ''] =
            /--icmpv6-type (\S+).*?(?:--hl-eq (\d+) )?-j/.exec(line) ?? [];
          return `${type} ${limit}`;
        }),
        types,
        `${chain} ${at}`,
      );
    }
  });

  it('administrators of the other family are left out', () => {
    assert.deepEqual(administrationRules(['2001:db8::/64'], [22], 4), []);
    assert.equal(administrationRules(['2001:db8::/64'], [22], 6).length, 2);
  });
});
