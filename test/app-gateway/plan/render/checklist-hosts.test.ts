import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPlan, PlanHost } from '@sallyport/app-gateway/plan/network-plan.ts';
import {
  gatewaySteps,
  hostSteps,
  ownHosts,
  preparationSteps,
  proxySteps,
} from '@sallyport/app-gateway/plan/render/checklist-hosts.ts';
import type { ChecklistSite } from '@sallyport/app-gateway/plan/render/checklist-site.ts';
import { PLAN } from '../plan-fixture.ts';

const SITE: ChecklistSite = {
  domains: ['acme.example'],
  places: [],
  proxies: ['edge-1', 'edge-2'],
  withKeys: false,
  hasLedger: true,
  lowPortHosts: ['edge-b'],
  connectionsMax: 20_000,
};

/** Both programs on one host. */
const STANDALONE: NetworkPlan = {
  ...PLAN,
  balancers: [],
  hosts: [
    {
      name: 'edge-a',
      zone: 'dmz',
      roles: ['proxy', 'gateway'],
      addresses: ['2001:db8:1::10'],
      nodes: ['edge-1', 'gateway-1'],
    },
  ],
};

describe('what the checklist says of hosts', () => {
  const commands = (steps: readonly string[]) =>
    steps.flatMap((step) => [...step.matchAll(/`([^`]+)`/g)].map(([, command = '']) => command));

  it('is about hosts of ours, and no other maker’s balancer', () => {
    const balancers = PLAN.balancers.map((each) => ({ ...each, kind: 'other' as const }));
    const names = ownHosts({ ...PLAN, balancers }).map(({ name }) => name);
    assert.deepEqual(names, ['edge-a', 'edge-b', 'core-a']);
  });

  it('fetches what rules will keep away, and copies what each needs', () => {
    const steps = preparationSteps(PLAN);
    assert.ok(steps.includes('balancer-a: `apt-get install nftables rsync haproxy`.'));
    assert.ok(steps.includes('core-a: `apt-get install nftables rsync libatomic1 libstdc++6`.'));
    const copies = commands(steps).filter((each) => each.startsWith('rsync'));
    assert.deepEqual(copies.slice(0, 3), [
      'rsync -rt --chmod=go= hosts/balancer-a/ balancers/balancer-a matrix.json root@10.1.0.5:/srv/sallyport-setup/',
      'rsync -rt --chmod=go= hosts/balancer-b/ balancers/balancer-b matrix.json root@192.0.2.6:/srv/sallyport-setup/',
      'rsync -rt --chmod=go= hosts/edge-a/ matrix.json PACKAGES/sallyport-dmz-proxy_*.deb PACKAGES/SHA256SUMS root@10.1.0.10:/srv/sallyport-setup/',
    ]);
  });

  it('puts each bundle in its place with the tool of its program, and a setting where a low port needs one', () => {
    const all = commands(hostSteps(PLAN, SITE));
    assert.deepEqual(
      all.filter((each) => each.includes('-bundle ') && !each.includes('--back')),
      [
        'sallyport-dmz-proxy-bundle edge-1 /srv/sallyport-setup/edge-1 && rm -r /srv/sallyport-setup/edge-1',
        'sallyport-dmz-proxy-bundle edge-2 /srv/sallyport-setup/edge-2 && rm -r /srv/sallyport-setup/edge-2',
        'sallyport-gateway-bundle gateway-1 /srv/sallyport-setup/gateway-1 && rm -r /srv/sallyport-setup/gateway-1',
      ],
    );
    const settings = hostSteps(PLAN, SITE).filter((step) => step.includes('sysctl.conf'));
    assert.deepEqual(settings, [
      'edge-b: a port below 1024: `install -m 0644 sysctl.conf /etc/sysctl.d/61-sallyport-ports.conf && systemctl restart systemd-sysctl`.',
    ]);
  });

  it('tells the inner servers of every gateway', () => {
    const [flow] = PLAN.flows.filter(({ kind }) => kind === 'signalling-inside');
    assert.ok(flow);
    const inwards = ['10.2.0.10', '10.2.0.11'].map((address) => ({
      ...flow,
      id: `sip-1>core-a:${address}`,
      from: flow.to,
      to: { ...flow.from, networks: [address] },
      ports: { first: 5071, last: 5071 },
    }));
    const steps = gatewaySteps({ ...PLAN, flows: [...PLAN.flows, ...inwards] }, SITE);
    const told = steps.filter((step) => step.startsWith('sip-1: '));
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? '',
      /to 10\.2\.0\.10 port 5071 and 10\.2\.0\.11 port 5071, to whichever answers OPTIONS/,
    );
    assert.ok(!gatewaySteps(PLAN, SITE).some((step) => step.startsWith('sip-1: ')));
  });

  it('says that the session ends over which a host is first given its rules', () => {
    const steps = hostSteps(PLAN, SITE).filter((step) => step.includes('restart nftables'));
    assert.equal(steps.length, 5);
    for (const step of steps)
      assert.match(step, /SSH session .* hangs at its end, .*: log in anew/);
  });

  it('gives the first operator to a gateway, from another machine if one likes', () => {
    assert.deepEqual(commands(gatewaySteps(PLAN, SITE)), [
      'systemctl enable --now sallyport-app-gateway@gateway-1',
      'systemctl status sallyport-app-gateway@gateway-1',
      'sallyport operator add NAME --role officer --bundle /etc/sallyport/gateway-1',
      'ssh -N -L ../gateway-1.sock:/etc/sallyport/gateway-1/run/admin.sock root@10.2.0.10',
      '--socket ../gateway-1.sock',
      '--bundle',
    ]);
  });

  it('writes an IPv6 address as ssh and scp take it', () => {
    const six = (host: PlanHost): PlanHost => ({ ...host, addresses: ['2001:db8:2::21'] });
    const plan = { ...PLAN, hosts: PLAN.hosts.map(six) };
    const text = [...gatewaySteps(plan, SITE), ...proxySteps(plan, SITE)].join('\n');
    assert.match(text, /`ssh -N .* root@2001:db8:2::21`/);
    assert.match(text, /`scp .* root@\[2001:db8:2::21\]:/);
  });

  it('has a proxy make its key where no key was given to it, and carries no key', () => {
    assert.deepEqual(commands(proxySteps(PLAN, SITE)).slice(0, 7), [
      'sallyport-dmz-proxy request --bundle /etc/sallyport/edge-1 > edge-1.csr',
      'scp -3 root@10.1.0.10:/srv/sallyport-setup/edge-1.csr root@10.2.0.10:/srv/sallyport-setup/',
      'sallyport node approve edge-1.csr --node edge-1 --role proxy --fingerprint "TEXT" --bundle /etc/sallyport/gateway-1',
      'scp -3 root@10.2.0.10:/srv/sallyport-setup/edge-1.crt root@10.1.0.10:/srv/sallyport-setup/',
      'sallyport-dmz-proxy install edge-1.crt --bundle /etc/sallyport/edge-1',
      'systemctl enable --now sallyport-dmz-proxy@edge-1',
      'systemctl status sallyport-dmz-proxy@edge-1',
    ]);
    const withKeys = commands(proxySteps(PLAN, { ...SITE, withKeys: true }));
    assert.ok(!withKeys.some((each) => each.includes('-proxy request')));
  });

  it('copies nothing about between programs of one host', () => {
    assert.deepEqual(commands(proxySteps(STANDALONE, SITE)), [
      'sallyport-dmz-proxy request --bundle /etc/sallyport/edge-1 > edge-1.csr',
      'sallyport node approve edge-1.csr --node edge-1 --role proxy --fingerprint "TEXT" --bundle /etc/sallyport/gateway-1',
      'sallyport-dmz-proxy install edge-1.crt --bundle /etc/sallyport/edge-1',
      'systemctl enable --now sallyport-dmz-proxy@edge-1',
      'systemctl status sallyport-dmz-proxy@edge-1',
    ]);
    assert.match(commands(preparationSteps(STANDALONE)).at(-1) ?? '', / root@\[2001:db8:1::10\]:/);
  });
});
