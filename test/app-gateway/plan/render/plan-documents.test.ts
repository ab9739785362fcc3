import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChecklistSite } from '@sallyport/app-gateway/plan/render/checklist-site.ts';
import { planDocuments } from '@sallyport/app-gateway/plan/render/plan-documents.ts';
import { PLAN } from '../plan-fixture.ts';

const SITE: ChecklistSite = {
  domains: ['acme.example'],
  places: [
    {
      host: 'sip.acme.example',
      port: 5061,
      transport: 'tls',
      addresses: ['198.51.100.10', '2001:db8:1::11'],
    },
  ],
  lowPortHosts: [],
  hasLedger: true,
  connectionsMax: 20_000,
  proxies: ['edge-1', 'edge-2'],
  withKeys: false,
};

describe('the documents of a plan', () => {
  const documents = planDocuments(PLAN, SITE);
  const paths = documents.map(({ path }) => path);

  it('are there for every firewall, host of ours and balancer, each path once', () => {
    const rules = ['nftables.conf', 'iptables-v4.rules', 'iptables-v6.rules'];
    for (const { name } of PLAN.firewalls) {
      for (const file of [...rules, 'rules.csv', 'sysctl.conf']) {
        assert.ok(paths.includes(`firewalls/${name}/${file}`));
      }
    }
    for (const name of ['edge-a', 'edge-b', 'core-a', 'balancer-a', 'balancer-b']) {
      for (const file of rules) assert.ok(paths.includes(`hosts/${name}/${file}`));
    }
    assert.ok(!paths.some((path) => path.startsWith('hosts/data/')));
    assert.ok(paths.includes('balancers/balancer-a/haproxy.cfg'));
    assert.ok(paths.includes('balancers/balancer-b/keepalived.conf'));
    assert.equal(new Set(paths).size, paths.length);
  });

  it('hold the plan itself as a value', () => {
    const matrix = documents.find(({ path }) => path === 'matrix.json');
    assert.deepEqual(JSON.parse(matrix?.text ?? ''), structuredClone(PLAN));
  });

  it('are the same each time', () => {
    assert.deepEqual(planDocuments(structuredClone(PLAN), SITE), documents);
  });

  it('write rules for a balancer of packet rules, and nothing for a foreign one', () => {
    const [balancer] = PLAN.balancers;
    assert.ok(balancer);
    const pathsOf = (kind: 'nftables' | 'other') =>
      planDocuments({ ...PLAN, balancers: [{ ...balancer, kind }] }, SITE)
        .map(({ path }) => path)
        .filter((path) => path.startsWith('balancers/'));
    assert.deepEqual(pathsOf('nftables'), [
      'balancers/balancer-a/nftables.conf',
      'balancers/balancer-a/in-rotation.sh',
      'balancers/balancer-a/sallyport-balancer.service',
      'balancers/balancer-a/sysctl.conf',
    ]);
    assert.deepEqual(pathsOf('other'), []);
  });
});
