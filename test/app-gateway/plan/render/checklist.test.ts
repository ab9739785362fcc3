import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checklist, ownHosts } from '@sallyport/app-gateway/plan/render/checklist.ts';
import { PLAN } from '../plan-fixture.ts';

const SITE = {
  publicHost: 'sip.acme.example',
  publicPort: 5061,
  domains: ['acme.example', 'acme.test'],
  hasPlainListener: false,
  proxies: ['edge-1', 'edge-2'],
  withKeys: false,
};

describe('the checklist', () => {
  const text = checklist(PLAN, SITE);

  it('names what partners look up', () => {
    assert.match(text, /`sip\.acme\.example\. A 198\.51\.100\.10`/);
    assert.match(text, /`sip\.acme\.example\. AAAA 2001:db8:1::11`/);
    assert.match(text, /`_sips\._tcp\.acme\.test\. SRV 10 10 5061 sip\.acme\.example\.`/);
    assert.ok(!text.includes('_sip._tcp'));
    assert.match(checklist(PLAN, { ...SITE, hasPlainListener: true }), /_sip\._tcp\.acme\.example/);
  });

  it('tells nobody outside an inner address', () => {
    const names = text.split('\n').filter((line) => / A+ /.test(line));
    for (const line of names) assert.doesNotMatch(line, / 10\./);
  });

  it('opens the outermost firewall last', () => {
    const order = text
      .split('\n')
      .flatMap((line) => /nft -f firewalls\/([\w-]+)\//.exec(line)?.[1] ?? []);
    assert.deepEqual(order, ['fw-inner', 'fw-dmz', 'fw-internet']);
  });

  it('starts gateways before proxies, and enrols each proxy before its start', () => {
    const at = (part: string) => {
      const index = text.indexOf(part);
      assert.ok(index > 0, part);
      return index;
    };
    assert.ok(
      at('sallyport-app-gateway@gateway-1') < at('node request --bundle /etc/sallyport/edge-1'),
    );
    assert.ok(at('node approve edge-2.csr') < at('enable --now sallyport-dmz-proxy@edge-2'));
    assert.ok(!checklist(PLAN, { ...SITE, withKeys: true }).includes('node request'));
  });

  it('puts each bundle in its place with the tool of its program', () => {
    const placed = text
      .split('\n')
      .flatMap((line) => /`(sallyport-[\w-]+-bundle \S+) FOLDER`/.exec(line)?.[1] ?? []);
    assert.deepEqual(placed, [
      'sallyport-dmz-proxy-bundle edge-1',
      'sallyport-dmz-proxy-bundle edge-2',
      'sallyport-gateway-bundle gateway-1',
    ]);
  });

  it('has the plan proven from every host of ours and nobody else’s', () => {
    const names = text
      .split('\n')
      .flatMap((line) => /matrix\.json --as ([\w-]+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(
      names,
      ownHosts(PLAN).map(({ name }) => name),
    );
    assert.ok(!names.includes('data'));
  });

  it('has the program started that watches proxies behind a balancer of packet rules', () => {
    const start = /balancer-b: `in-rotation\.sh` .*`systemctl enable --now sallyport-balancer`/;
    assert.doesNotMatch(text, start);
    const balancers = PLAN.balancers.map((each) => ({ ...each, kind: 'nftables' as const }));
    assert.match(checklist({ ...PLAN, balancers }, SITE), start);
  });

  it('writes no rules for another maker’s balancer', () => {
    const balancers = PLAN.balancers.map((each) => ({ ...each, kind: 'other' as const }));
    const names = ownHosts({ ...PLAN, balancers }).map(({ name }) => name);
    assert.deepEqual(names, ['edge-a', 'edge-b', 'core-a']);
  });
});
