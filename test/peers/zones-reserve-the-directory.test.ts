import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathBetween } from '@sallyport/app-gateway/plan/firewall-paths.ts';
import type {
  NetworkPlan,
  PlanHost,
  PlanSocket,
  ZoneName,
} from '@sallyport/app-gateway/plan/network-plan.ts';
import { isOurs, PlanVerdicts, type Verdict } from '@sallyport/app-gateway/plan/verdict.ts';
import type { SiteDraft } from '../app-gateway/plan/site-on-a-network.ts';
import { testAuthority } from './support/certificates.ts';
import type { Stage } from './support/stage.ts';
import { Directory, type Found } from './zones/directory.ts';
import { singleDmzSite, workingSite } from './zones/example-sites.ts';
import { countedBy, NFTABLES } from './zones/generated-rules.ts';
import { needsZones } from './zones/needs-zones.ts';
import type { ZoneNetwork } from './zones/zone-network.ts';
import { inZones, OUTSIDE, planOfSite } from './zones/zone-pair.ts';

for (const [name, siteOf] of [
  ['dual-dmz', siteWithGuardedServer],
  ['single-dmz', singleDmzSite],
] as const) {
  test(
    `${name}: slapd is read from the gateways' hosts, and from no other that a rule can hold back`,
    needsZones('slapd', 'ldapsearch'),
    inZones(() => planOfSite(siteOf()), isReadByGatewaysAlone),
  );
}

/** The community's server away from the directory's zone: neighbours that are not ours stand under no rule of ours. */
function siteWithGuardedServer(): SiteDraft {
  const site = workingSite();
  for (const host of site.network.hosts) {
    if (host.name === 'sip-server') host.addresses = ['10.2.0.40'];
  }
  site.communities[0].hosts = [{ ...site.communities[0].hosts[0], host: '10.2.0.40' }];
  return site;
}

async function isReadByGatewaysAlone(stage: Stage, network: ZoneNetwork): Promise<void> {
  const directory = await Directory.start(stage, network, directoryOf(network.plan).socket);
  const callers = callersOf(network);
  for (const { name, roles, verdict } of callers) {
    assert.equal(verdict.kind === 'allowed', roles.includes('gateway'), name);
  }
  assert.ok(callers.some(({ roles }) => roles.includes('proxy')));
  assert.ok(callers.some(({ roles }) => roles.includes('balancer')));
  assert.ok(callers.some(({ roles }) => roles.includes('community')));

  const before = counters(network, callers);
  assert.deepEqual(await surprises(directory, callers), []);
  assert.deepEqual(unmoved(before, counters(network, callers)), []);
  const heard = callers.filter(({ verdict }) => verdict.kind !== 'forbidden');
  assert.deepEqual(
    [...directory.callers].toSorted(),
    heard.map(({ addresses }) => addresses.at(-1)).toSorted(),
  );

  // What the searches prove, they prove with a certificate that was verified.
  const stranger = await testAuthority(stage.subfolder('stranger'), 'stranger');
  const gateway = heard.find(({ roles }) => roles.includes('gateway'));
  assert.equal(await directory.searchFrom(gateway?.name ?? '', true, stranger.file), 'not reached');

  // Whoever owns a host outside has no rules of its own any more; the firewalls still stand.
  const owned = callers.filter(({ zone }) => zone === 'outer-dmz' || zone === 'dmz');
  for (const { name } of owned) network.at(name).run('nft', ['flush', 'ruleset']);
  const guarded = owned.map((caller) => ({ ...caller, isOurs: false }));
  const beforehand = counters(network, guarded);
  assert.deepEqual(await surprises(directory, guarded), []);
  assert.deepEqual(unmoved(beforehand, counters(network, guarded)), []);

  // One rule too many on the firewalls between is noticed.
  const [proxy] = owned.filter(({ roles }) => roles.includes('proxy'));
  assert.ok(proxy !== undefined);
  const hole = `ip saddr ${proxy.addresses.at(-1)} tcp dport 636 counter accept`;
  for (const { firewall } of pathTo(network, proxy.zone)) {
    const words = ['insert', 'rule', 'inet', 'sallyport', 'forward', ...hole.split(' ')];
    network.at(firewall).run('nft', words);
  }
  assert.deepEqual(await surprises(directory, guarded), [`${proxy.name}: read`]);
}

/** Somebody who tries, and what the plan says of it. */
interface Caller {
  readonly name: string;
  readonly zone: ZoneName;
  readonly roles: readonly string[];
  readonly addresses: readonly string[];
  /** Has rules of its own, which hold it back before any firewall sees it. */
  readonly isOurs: boolean;
  readonly verdict: Verdict;
}

function callersOf({ plan }: ZoneNetwork): readonly Caller[] {
  const verdicts = new PlanVerdicts(plan);
  const { socket, host: directory } = directoryOf(plan);
  const inside = plan.hosts.filter((host) => host.zone !== 'internet' && host !== directory);
  const all = [
    ...inside.map((host: PlanHost) => ({ ...host, isOurs: isOurs(host) })),
    ...OUTSIDE.map((outer) => ({
      ...outer,
      zone: 'internet' as const,
      roles: [],
      isOurs: false,
    })),
  ];
  return all.map(({ name, zone, roles, addresses, isOurs: own }) => {
    const ofFamily = addresses.filter((address) => !address.includes(':'));
    const [verdict] = ofFamily
      .map((address) => verdicts.of(verdicts.callerAt(address), socket))
      .toSorted(
        (one, other) => Number(other.kind !== 'forbidden') - Number(one.kind !== 'forbidden'),
      );
    assert.ok(verdict !== undefined, name);
    return { name, zone, roles, addresses: ofFamily, isOurs: own, verdict };
  });
}

/** Whoever reads and must not, or does not and may. */
async function surprises(
  directory: Directory,
  callers: readonly Caller[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    callers.map(async ({ name, verdict }) => {
      // Neighbours that are not ours read it: the plan says so, and that is all it can do.
      const expected: Found = verdict.kind === 'forbidden' ? 'not reached' : 'read';
      return { name, expected, found: await directory.searchFrom(name, expected === 'read') };
    }),
  );
  return found
    .filter((each) => each.found !== each.expected)
    .map((each) => `${each.name}: ${each.found}`);
}

/** What has been dropped of each forbidden caller so far, where it is dropped first. */
function counters(network: ZoneNetwork, callers: readonly Caller[]): ReadonlyMap<string, number> {
  const forbidden = callers.filter(({ verdict }) => verdict.kind === 'forbidden');
  return new Map(
    forbidden.map((caller) => {
      if (caller.isOurs) {
        const count = countedBy(network.at(caller.name), 'inet sallyport_host', 'drop_output');
        return [caller.name, count];
      }
      const [first] = pathTo(network, caller.zone);
      assert.ok(first !== undefined, caller.name);
      const { zone } = directoryOf(network.plan).host;
      return [caller.name, NFTABLES.dropped(network.at(first.firewall), caller.zone, zone)];
    }),
  );
}

function unmoved(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly string[] {
  return [...before]
    .filter(([name, count]) => (after.get(name) ?? 0) <= count)
    .map(([name]) => name);
}

function pathTo({ plan }: ZoneNetwork, from: ZoneName) {
  return pathBetween(plan.firewalls, from, directoryOf(plan).host.zone) ?? [];
}

function directoryOf({ sockets, hosts }: NetworkPlan): {
  readonly socket: PlanSocket;
  readonly host: PlanHost;
} {
  const socket = sockets.find(({ purpose }) => purpose === 'directory');
  const host = hosts.find(({ name }) => name === socket?.host);
  assert.ok(socket !== undefined && host !== undefined, 'the plan has a directory');
  return { socket, host };
}
