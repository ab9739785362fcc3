import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathBetween } from '@sallyport/app-gateway/plan/firewall-paths.ts';
import type { PlanSocket, ZoneName } from '@sallyport/app-gateway/plan/network-plan.ts';
import { dropCounter } from '@sallyport/app-gateway/plan/render/nftables-firewall.ts';
import { isOurs, PlanVerdicts, type Verdict } from '@sallyport/app-gateway/plan/verdict.ts';
import type { Stage } from './support/stage.ts';
import { presetSite, singleDmzSite, standaloneSite, workingSite } from './zones/example-sites.ts';
import { needsZones } from './zones/needs-zones.ts';
import { answerEverywhere } from './zones/stand-ins.ts';
import type { Attempt, Reached } from './zones/try-connections.ts';
import type { ZoneNetwork } from './zones/zone-network.ts';
import { inZones, OUTSIDE, planOfSite } from './zones/zone-pair.ts';

const here = (file: string) => join(import.meta.dirname, 'zones', file);

for (const [name, siteOf] of [
  ['dual-dmz', workingSite],
  ['single-dmz', singleDmzSite],
  ['standalone', standaloneSite],
  ...['two-machine', 'three-machine', 'four-machine', 'five-machine'].map(
    (preset) => [preset, () => presetSite(preset)] as const,
  ),
] as const) {
  test(
    `${name}: every pair of the matrix is let through or blocked as it says, and what is blocked is counted`,
    needsZones(),
    inZones(async () => planOfSite(await siteOf()), keepsToMatrix),
  );
}

/** Tries every socket from every host and from outside, and compares with what the plan says. */
async function keepsToMatrix(stage: Stage, network: ZoneNetwork): Promise<void> {
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
      verdict.kind === 'allowed' ? { ...target, ...verdict.dial } : target,
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
  assert.deepEqual(uncounted(network, blocked), []);
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
function uncounted(network: ZoneNetwork, blocked: ReadonlySet<string>): readonly string[] {
  const { plan } = network;
  return [...blocked].filter((way) => {
    const [from, to] = way.split(' ') as [ZoneName, ZoneName];
    const [first] = pathBetween(plan.firewalls, from, to) ?? [];
    // Between hosts of one zone it is the hosts themselves that block.
    if (first === undefined) return false;
    return countedAt(network, first.firewall, from, to) === 0;
  });
}

function countedAt(
  network: ZoneNetwork,

  firewall: string,
  from: ZoneName,
  to: ZoneName,
): number {
  const counters = network.at(firewall).run('nft', ['list', 'counters']);
  const shown = new RegExp(`counter ${dropCounter(from, to)} \\{\\s*packets (\\d+)`).exec(counters);
  return Number(shown?.[1] ?? 0);
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
