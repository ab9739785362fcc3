import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import { nftablesFirewall } from '@sallyport/app-gateway/plan/render/nftables-firewall.ts';
import { nftablesHost } from '@sallyport/app-gateway/plan/render/nftables-host.ts';
import { isOurs, PlanVerdicts } from '@sallyport/app-gateway/plan/verdict.ts';
import { planned } from '../app-gateway/plan/site-on-a-network.ts';
import { type Stage, staged } from './support/stage.ts';
import type { Attempt, Reached } from './zones/try-connections.ts';
import { ZoneNetwork } from './zones/zone-network.ts';

const PARTNERS = [
  { name: 'partner-a', addresses: ['198.51.100.7', '2001:db8:ffff::7'] },
  { name: 'partner-b', addresses: ['198.51.100.8', '2001:db8:ffff::8'] },
];

const here = (file: string) => join(import.meta.dirname, 'zones', file);

test(
  'every pair of the matrix is let through or blocked as it says',
  staged(async (stage) => {
    await keepsToMatrix(stage, planned());
  }),
);

async function keepsToMatrix(stage: Stage, plan: NetworkPlan): Promise<void> {
  const network = ZoneNetwork.build(plan, PARTNERS);
  try {
    for (const host of plan.hosts) {
      if (host.zone === 'internet') continue;
      const sockets = plan.sockets.filter((socket) => socket.host === host.name);
      await stage.start(
        {
          name: `servers-of-${host.name}`,
          ...network
            .at(host.name)
            .command(process.execPath, [here('answer-everywhere.ts'), JSON.stringify(sockets)]),
        },
        (program) => program.log.includes('ready'),
      );
    }
    for (const firewall of plan.firewalls) {
      network.at(firewall.name).run('nft', ['-f', '-'], nftablesFirewall(plan, firewall));
    }
    for (const host of plan.hosts.filter(isOurs)) {
      network.at(host.name).run('nft', ['-f', '-'], nftablesHost(plan, host));
    }
    const verdicts = new PlanVerdicts(plan);
    const wrong: string[] = [];
    const callers = [...plan.hosts.filter(({ zone }) => zone !== 'internet'), ...PARTNERS];
    let pairs = 0;
    for (const { name, addresses } of callers) {
      const targets = verdicts.targets.filter(
        ({ host, address }) =>
          host !== name && addresses.some((own) => own.includes(':') === address.includes(':')),
      );
      const seen = tryFrom(network, name, targets);
      for (const [at, target] of targets.entries()) {
        pairs += 1;
        const kinds = addresses
          .filter((own) => own.includes(':') === target.address.includes(':'))
          .map((address) => verdicts.of(verdicts.callerAt(address), target).kind);
        if (kinds.includes('unguarded')) continue;
        const allowed = kinds.includes('allowed');
        const expected = allowed ? 'answered' : 'silent';
        if (seen[at] !== expected) {
          wrong.push(
            `${name} to ${target.host} ${target.address}:${target.protocol}/${target.port} is ${seen[at]}, not ${expected}`,
          );
        }
      }
    }
    console.log(`${pairs} pairs tried, ${wrong.length} wrong`);
    assert.deepEqual(wrong, []);
  } finally {
    network.remove();
  }
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
