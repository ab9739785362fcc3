import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nftablesHost } from '@sallyport/app-gateway/plan/render/nftables-host.ts';
import { PLAN } from '../plan-fixture.ts';

function chainOf(name: string, chain: string): readonly string[] {
  const host = PLAN.hosts.find((each) => each.name === name);
  assert.ok(host);
  const body = nftablesHost(PLAN, host).split(`\tchain ${chain} {\n`)[1]?.split('\n\t}\n')[0];
  assert.ok(body !== undefined);
  return body.split('\n').map((line) => line.trim());
}

function flowsOf(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => / accept comment "([^"]+)"/.exec(line)?.[1] ?? []);
}

describe('nftables rules of a host', () => {
  for (const { name } of PLAN.hosts) {
    it(`${name} drops whatever is not planned, in every direction`, () => {
      for (const chain of ['input', 'output', 'forward']) {
        const lines = chainOf(name, chain);
        assert.equal(lines[0], `type filter hook ${chain} priority filter; policy drop;`);
        assert.match(lines.at(-1) ?? '', new RegExp(`^counter name "drop_${chain}" drop$`));
      }
    });
  }

  it('a proxy accepts partners, the channel and administration', () => {
    assert.deepEqual(flowsOf(chainOf('edge-a', 'input')), [
      'partners>edge-a:tcp/5061',
      'partners>edge-a:tcp/5063',
      'core-a>edge-a:tcp/7443',
      'intranet>edge-a:tcp/22',
    ]);
  });

  it('a proxy opens connections to partners and name servers, and nothing inwards', () => {
    assert.deepEqual(flowsOf(chainOf('edge-a', 'output')), [
      'edge-a>partners:tcp/5061',
      'edge-a>partners:tcp/5061',
      'edge-a>dns-1:udp/53',
    ]);
    for (const line of chainOf('edge-a', 'output')) assert.doesNotMatch(line, /daddr 10\.[23]\./);
  });

  it('loading it cuts nothing that stands: no rule asks for SYN', () => {
    for (const { name } of PLAN.hosts) {
      assert.ok(!chainOf(name, 'input').some((line) => line.includes('syn')));
    }
  });

  it('only a balancer that passes packets through forwards', () => {
    assert.equal(flowsOf(chainOf('balancer-b', 'forward'))[0], 'partners>edge-a:tcp/5063');
    assert.equal(chainOf('edge-a', 'forward').length, 2);
  });

  it('a balancer knows connections that proxies open by their first half alone, and tells nobody of a shorter way', () => {
    const out = chainOf('balancer-b', 'forward').filter((line) => line.includes('edge-a>partners'));
    assert.ok(out.length > 0);
    for (const line of out) assert.ok(!line.includes('ct state'), line);
    const redirects = (name: string) =>
      chainOf(name, 'output').findIndex((line) => line.startsWith('icmp type redirect'));
    const known = chainOf('balancer-b', 'output').indexOf('ct state established,related accept');
    assert.ok(redirects('balancer-b') > 0 && redirects('balancer-b') < known);
    assert.equal(redirects('edge-a'), -1);
  });
});
