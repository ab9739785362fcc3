import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { presetPlan } from '@sallyport/app-gateway/cli/manual/deploy-pages.ts';
import { PRESET_NAMES } from '@sallyport/app-gateway/cli/site/site-preset.ts';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import type { ChecklistSite } from '@sallyport/app-gateway/plan/render/checklist-site.ts';
import { planDocuments } from '@sallyport/app-gateway/plan/render/plan-documents.ts';
import { PLAN } from '../app-gateway/plan/plan-fixture.ts';
import { needs, pathOf } from './support/available.ts';
import { inNamespace, withoutNamespaces } from './support/network-namespace.ts';

const { skip: isMissing } = needs(
  'nft',
  'iptables-restore',
  'ip6tables-restore',
  'haproxy',
  'keepalived',
  'unshare',
  'systemd-analyze',
);
const analyze = pathOf('systemd-analyze') ?? '';
/** As for the proxy's own unit, and the network's administration on top. */
const EXPOSURE_MAX = 2;
const skip = isMissing === false ? withoutNamespaces() : isMissing;

const [HAPROXY, KEEPALIVED] = PLAN.balancers;

/** Every preset, and a plan with everything in it; the fixture's second balancer once more as packet rules. */
const PLANS: readonly (readonly [name: string, plan: NetworkPlan])[] = [
  ['a plan with everything', PLAN],
  [
    'a balancer of packet rules',
    {
      ...PLAN,
      balancers: KEEPALIVED === undefined ? [] : [{ ...KEEPALIVED, kind: 'nftables' as const }],
    },
  ],
  [
    'a balancer that tries the proxies’ listeners themselves',
    {
      ...PLAN,
      balancers:
        HAPROXY === undefined
          ? []
          : [{ ...HAPROXY, targets: HAPROXY.targets.map(({ health: _, ...target }) => target) }],
    },
  ],
  ['two hosts that share an IPv4 address', sharing('10.1.0.6', '10.1.0.7', '10.1.0.5')],
  [
    'two hosts that share an IPv6 address',
    sharing('2001:db8:1::6', '2001:db8:1::7', '2001:db8:1::5'),
  ],
  ['balancers and proxies of IPv6 alone', ofSixAlone()],
  ...PRESET_NAMES.map((name) => [name, presetPlan(name)] as const),
];

/** The plan with everything, its first balancer with these addresses, of which partners dial the last. */
function sharing(...addresses: readonly string[]): NetworkPlan {
  const listen = { address: addresses.at(-1) ?? '', port: 5061 };
  const isFirst = (name: string): boolean => name === HAPROXY?.host;
  return {
    ...PLAN,
    hosts: PLAN.hosts.map((host) => (isFirst(host.name) ? { ...host, addresses } : host)),
    balancers: PLAN.balancers.map((each) => (isFirst(each.host) ? { ...each, listen } : each)),
  };
}

function ofSixAlone(): NetworkPlan {
  const six = (last: number, port: number) => ({ address: `2001:db8:1::${last}`, port });
  return {
    ...PLAN,
    balancers: PLAN.balancers.map((balancer) => ({
      ...balancer,
      listen: six(5, 5061),
      targets: balancer.targets.map(({ host, port }, index) => ({
        host,
        ...six(11 + index, port),
        health: six(11 + index, 8081),
      })),
    })),
  };
}

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

describe('what a plan is drawn into is accepted by the tools it is for', { skip }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'sp-plan-'));
  after(() => rmSync(scratch, { recursive: true }));

  for (const [name, plan] of PLANS) {
    const folder = join(scratch, name.replace(/\W+/g, '-'));
    const paths = planDocuments(plan, SITE).map(({ path, text }) => {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    });
    const of = (end: string) => paths.filter((path) => path.endsWith(end));

    it(`${name}: nftables loads every ruleset, twice over, and keeps what else is there`, () => {
      const files = of('nftables.conf');
      assert.ok(files.length > 0);
      for (const file of files) {
        const listed = inNamespace(
          'nft add table inet other; nft -c -f "$1"; nft -f "$1"; nft -f "$1"; nft list ruleset',
          file,
        );
        assert.match(listed, /table inet other/);
        assert.match(listed, /policy drop;|type nat/);
        const comments = readFileSync(file, 'utf8').match(/ accept comment /g)?.length ?? 0;
        assert.equal(listed.match(/ accept comment /g)?.length ?? 0, comments, file);
      }
    });

    it(`${name}: iptables and ip6tables restore every text`, () => {
      for (const [program, end] of [
        ['iptables', '-v4.rules'],
        ['ip6tables', '-v6.rules'],
      ] as const) {
        const files = of(end);
        assert.ok(files.length > 0);
        for (const file of files) {
          const saved = inNamespace(
            `${program}-restore --test "$1"; ${program}-restore "$1"; ${program}-save`,
            file,
          );
          assert.match(saved, /^:FORWARD DROP/m);
          assert.match(saved, /^:INPUT DROP/m);
        }
      }
    });

    const checks = [
      ...of('haproxy.cfg').map((file) => ['haproxy', '-c', file] as const),
      ...of('keepalived.conf').map((file) => ['keepalived', '-t', file] as const),
    ];
    for (const [program, check, file] of checks) {
      it(`${name}: ${program} takes its configuration`, () => {
        execFileSync(pathOf(program) ?? '', [check, '-f', file], { stdio: 'pipe' });
      });
    }
    for (const file of of('sallyport-balancer.service')) {
      it(`${name}: systemd takes its unit, and finds little that it could do`, () => {
        execFileSync(analyze, ['verify', '--man=no', file], { stdio: 'pipe' });
        const said = execFileSync(analyze, ['security', '--offline=true', file], {
          encoding: 'utf8',
        });
        const exposure = Number(/exposure level.*: (\d+\.\d)/.exec(said)?.[1] ?? 10);
        assert.ok(exposure < EXPOSURE_MAX, `${exposure}`);
      });
    }
  }

  it('notices a ruleset that is wrong', () => {
    const file = join(scratch, 'wrong.conf');
    writeFileSync(file, 'table inet x { chain forward { tcp dport none accept } }\n');
    assert.throws(() => inNamespace('nft -c -f "$1"', file));
  });
});
