import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathBetween } from '@sallyport/app-gateway/plan/firewall-paths.ts';
import type { PlanSocket, ZoneName } from '@sallyport/app-gateway/plan/network-plan.ts';
import { isOurs, PlanVerdicts, type Verdict } from '@sallyport/app-gateway/plan/verdict.ts';
import type { Stage } from './support/stage.ts';
import { presetSite, singleDmzSite, standaloneSite, workingSite } from './zones/example-sites.ts';
import { type GeneratedRules, IPTABLES, NFTABLES } from './zones/generated-rules.ts';
import { needsZones } from './zones/needs-zones.ts';
import { answerEverywhere } from './zones/stand-ins.ts';
import type { Attempt, Reached } from './zones/try-connections.ts';
import type { ZoneNetwork } from './zones/zone-network.ts';
import { inZones, OUTSIDE, planOfSite } from './zones/zone-pair.ts';

const here = (file: string) => join(import.meta.dirname, 'zones', file);

const IPTABLES_PROGRAMS = ['iptables-restore', 'ip6tables-restore'] as const;
const presets = ['two-machine', 'three-machine', 'four-machine', 'five-machine'];

for (const [name, siteOf, rules] of [
  ['dual-dmz', workingSite, NFTABLES],
  ['single-dmz', singleDmzSite, NFTABLES],
  ['standalone', standaloneSite, NFTABLES],
  ...presets.map((preset) => [preset, () => presetSite(preset), NFTABLES] as const),
  ['dual-dmz with iptables', workingSite, IPTABLES],
  ['standalone with iptables', standaloneSite, IPTABLES],
] as const) {
  test(
    `${name}: every pair of the matrix is let through or blocked as it says, and what is blocked is counted`,
    needsZones(...(rules === IPTABLES ? IPTABLES_PROGRAMS : [])),
    inZones(
      async () => planOfSite(await siteOf()),
      (stage, network) => keepsToMatrix(stage, network, rules),
      rules,
    ),
  );
}

/** Tries every socket from every host and from outside, and compares with what the plan says. */
async function keepsToMatrix(
  stage: Stage,
  network: ZoneNetwork,
  rules: GeneratedRules,
): Promise<void> {
  const { plan } = network;
  await answerEverywhere(stage, network);
  const verdicts = new PlanVerdicts(plan);
  const wrong: string[] = [];
  const blocked = new Set<string>();
  let pairs = 0;
  for (const caller of [...plan.hosts.filter(({ zone }) => zone !== 'internet'), ...OUTSIDE]) {
    const targets = verdicts.targets.filter(
      ({ host, address }) =>
        host !== caller.name && sameFamily(caller.addresses, address).length > 0,
    );
    const judged = targets.map((target) => ({
      target,
      verdict: verdictOf(verdicts, caller.addresses, target),
    }));
    const dialled = judged.map(({ target, verdict }) =>
      verdict.kind === 'allowed' ? { ...target, ...verdict.dial, isPatient: true } : target,
    );
    const seen = tryFrom(network, caller.name, dialled);
    for (const [at, { target, verdict }] of judged.entries()) {
      if (verdict.kind === 'unguarded') continue;
      pairs += 1;
      const expected = verdict.kind === 'allowed' ? 'answered' : 'silent';
      if (seen[at] !== expected) {
        wrong.push(
          `${caller.name} to ${target.host} ${target.address}:${target.protocol}/${target.port} is ${seen[at]}`,
        );
      }
      // A host of ours is held back by its own rules before any firewall sees it.
      if (verdict.kind === 'allowed' || isOurs(plan.hosts.find(({ name }) => name === caller.name)))
        continue;
      const from = verdicts.callerAt(caller.addresses[0] ?? '').zone;
      blocked.add(`${from} ${verdicts.callerAt(target.address).zone}`);
    }
  }
  console.log(`${plan.layout}: ${pairs} pairs tried, ${blocked.size} ways between zones blocked`);
  assert.deepEqual(wrong, []);
  assert.ok(pairs > 50);
  assert.deepEqual(uncounted(network, rules, blocked), []);
}

function verdictOf(
  verdicts: PlanVerdicts,
  addresses: readonly string[],
  target: PlanSocket,
): Verdict {
  const all = sameFamily(addresses, target.address).map((address) =>
    verdicts.of(verdicts.callerAt(address), target),
  );
  const weightiest = (['unguarded', 'allowed'] as const)
    .map((kind) => all.find((each) => each.kind === kind))
    .find((each) => each !== undefined);
  return weightiest ?? { kind: 'forbidden' };
}

function sameFamily(addresses: readonly string[], address: string): readonly string[] {
  return addresses.filter((own) => own.includes(':') === address.includes(':'));
}

/** Ways between zones on which something was blocked and no firewall has counted it. */
function uncounted(
  network: ZoneNetwork,
  rules: GeneratedRules,
  blocked: ReadonlySet<string>,
): readonly string[] {
  const { plan } = network;
  return [...blocked].filter((way) => {
    const [from, to] = way.split(' ') as [ZoneName, ZoneName];
    const [first] = pathBetween(plan.firewalls, from, to) ?? [];
    // Between hosts of one zone it is the hosts themselves that block.
    if (first === undefined) return false;
    return rules.dropped(network.at(first.firewall), from, to) === 0;
  });
}

function tryFrom(
  network: ZoneNetwork,
  name: string,
  targets: readonly Attempt[],
): readonly Reached[] {
  const said = network
    .at(name)
    .run(process.execPath, [here('try-connections.ts')], JSON.stringify(targets));
  return JSON.parse(said);
}
