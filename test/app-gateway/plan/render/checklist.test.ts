import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checklist } from '@sallyport/app-gateway/plan/render/checklist.ts';
import type { ChecklistSite } from '@sallyport/app-gateway/plan/render/checklist-site.ts';
import { PLAN } from '../plan-fixture.ts';

const SITE: ChecklistSite = {
  domains: ['acme.example', 'acme.test'],
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

describe('the checklist', () => {
  const text = checklist(PLAN, SITE);

  it('names what partners look up', () => {
    assert.match(text, /`sip\.acme\.example\. A 198\.51\.100\.10`/);
    assert.match(text, /`sip\.acme\.example\. AAAA 2001:db8:1::11`/);
    assert.match(text, /`_sips\._tcp\.acme\.test\. SRV 10 10 5061 sip\.acme\.example\.`/);
    assert.ok(!text.includes('_sip._tcp'));
  });

  it('names every place that partners are told of, each with what is behind it', () => {
    const places: ChecklistSite['places'] = [
      { host: 'a.acme.example', port: 5061, transport: 'tls', addresses: ['198.51.100.1'] },
      { host: 'b.acme.example', port: 443, transport: 'tls', addresses: ['198.51.100.2'] },
      { host: 'b.acme.example', port: 5060, transport: 'tcp', addresses: ['198.51.100.2'] },
      { host: '198.51.100.3', port: 5061, transport: 'tls', addresses: ['198.51.100.3'] },
    ];
    const told = checklist(PLAN, { ...SITE, domains: ['acme.example'], places });
    assert.deepEqual(
      told.split('\n').flatMap((line) => /^- \[ \] `(\S+ (?:A|SRV) [^`]*)`/.exec(line)?.[1] ?? []),
      [
        'a.acme.example. A 198.51.100.1',
        'b.acme.example. A 198.51.100.2',
        '_sips._tcp.acme.example. SRV 10 10 5061 a.acme.example.',
        '_sips._tcp.acme.example. SRV 10 10 443 b.acme.example.',
        '_sip._tcp.acme.example. SRV 10 10 5060 b.acme.example.',
      ],
    );
    assert.match(
      told,
      /certificate for acme\.example, a\.acme\.example, b\.acme\.example, 198\.51\.100\.3 /,
    );
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
      at('sallyport-app-gateway@gateway-1') <
        at('sallyport-dmz-proxy request --bundle /etc/sallyport/edge-1'),
    );
    assert.ok(at('node approve edge-2.csr') < at('enable --now sallyport-dmz-proxy@edge-2'));
    assert.ok(!checklist(PLAN, { ...SITE, withKeys: true }).includes('dmz-proxy request'));
  });

  it('says where “here” is, as far as the plan knows who administers', () => {
    assert.match(
      text,
      /in the folder of this file, on a machine in 10\.3\.9\.0\/24: the rules let in SSH/,
    );
    const flows = PLAN.flows.filter(({ kind }) => kind !== 'administration');
    assert.match(
      checklist({ ...PLAN, flows }, SITE),
      /in the folder of this file, with the command line/,
    );
  });

  it('proves every zone, those without a host of ours from another machine, each result with a key that counts', () => {
    const lines = text.split('\n');
    const report = /doctor --report (.*?) --against/.exec(text)?.[1]?.split(' ') ?? [];
    const written = lines.flatMap((line) => /--out (\S+\.json)`/.exec(line)?.[1] ?? []);
    assert.deepEqual(
      report,
      written.map((name) => `../proof/${name}`),
    );
    const zones = lines.flatMap((line) => /doctor --from-zone (\S+)/.exec(line)?.[1] ?? []);
    for (const { name } of PLAN.zones) assert.ok(zones.includes(name), name);
    for (const line of lines.filter((each) => each.includes('--from-zone'))) {
      assert.match(line, /--bundle \/etc\/sallyport\/|--operator-key proof\.key/);
    }
    assert.match(text, /operator key proof --new-key proof\.key/);
    assert.match(text, /scp \.\.\/proof\/proof\.key root@10\.1\.0\.5:/);
    assert.match(text, /--keys \.\.\/proof\/proof\.pub/);
    assert.match(text, /rm \.\.\/proof\/proof\.key/);
  });

  it('looks whether the balancer has found its proxies, once they run', () => {
    const step = text.indexOf("journalctl -u haproxy | grep ' is UP'` names edge-b.");
    assert.ok(step > text.lastIndexOf('enable --now sallyport-dmz-proxy@'));
  });

  it('does what shuts before what opens, and what is installed before what is started', () => {
    const order = [
      'apt-get install nftables rsync',
      'nft -f firewalls/fw-inner/nftables.conf',
      'nft -f firewalls/fw-internet/nftables.conf',
      'install -m 0600 nftables.conf',
      './sallyport-dmz-proxy_*.deb',
      'sallyport-dmz-proxy-bundle edge-1',
      'haproxy -c -f balancer-a/haproxy.cfg',
      'enable --now sallyport-app-gateway@gateway-1',
      'operator add NAME',
      'sallyport-dmz-proxy request --bundle /etc/sallyport/edge-1',
      'enable --now sallyport-dmz-proxy@edge-1',
      'audit keys --bundle /etc/sallyport/gateway-1',
      'restore --check gateway-1.backup',
      'doctor --bundle /etc/sallyport/edge-1',
      'doctor --report',
      'partner add',
    ].map((part) => [text.indexOf(part), part] as const);
    assert.deepEqual(
      order,
      order.toSorted(([a], [b]) => a - b),
    );
    assert.ok((order[0]?.[0] ?? 0) > 0);
  });
});
