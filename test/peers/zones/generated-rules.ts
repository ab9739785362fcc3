import type { NetworkPlan, ZoneName } from '@sallyport/app-gateway/plan/network-plan.ts';
import { iptablesFirewall } from '@sallyport/app-gateway/plan/render/iptables-firewall.ts';
import { iptablesHost } from '@sallyport/app-gateway/plan/render/iptables-host.ts';
import {
  dropCounter,
  nftablesFirewall,
} from '@sallyport/app-gateway/plan/render/nftables-firewall.ts';
import { nftablesHost } from '@sallyport/app-gateway/plan/render/nftables-host.ts';
import { isOurs } from '@sallyport/app-gateway/plan/verdict.ts';
import type { Namespace } from './namespace.ts';
import type { ZoneNetwork } from './zone-network.ts';

/** One of the tools that the plan writes rules for. */
export interface GeneratedRules {
  /** Loads what the plan says into every firewall and every host of ours. */
  load(network: ZoneNetwork): void;
  /** Packets that a firewall has dropped on their way from one zone to another. */
  dropped(firewall: Namespace, from: ZoneName, to: ZoneName): number;
}

/** What `nft -f` loads. */
export const NFTABLES: GeneratedRules = {
  load(network) {
    loadEach(
      network,
      (space, plan, firewall) => space.run('nft', ['-f', '-'], nftablesFirewall(plan, firewall)),
      (space, plan, host) => space.run('nft', ['-f', '-'], nftablesHost(plan, host)),
    );
  },
  dropped(firewall, from, to) {
    return countedBy(firewall, 'inet sallyport', dropCounter(from, to));
  },
};

const IPTABLES_FAMILIES = [
  { family: 4, restore: 'iptables-restore', save: 'iptables-save' },
  { family: 6, restore: 'ip6tables-restore', save: 'ip6tables-save' },
] as const;

/** What `iptables-restore` and `ip6tables-restore` load. */
export const IPTABLES: GeneratedRules = {
  load(network) {
    for (const { family, restore } of IPTABLES_FAMILIES) {
      loadEach(
        network,
        (space, plan, firewall) => space.run(restore, [], iptablesFirewall(plan, firewall, family)),
        (space, plan, host) => space.run(restore, [], iptablesHost(plan, host, family)),
      );
    }
  },
  dropped(firewall, from, to) {
    const saved = IPTABLES_FAMILIES.map(({ save }) => firewall.run(save, ['-c'])).join('\n');
    return saved
      .split('\n')
      .filter((line) => line.includes(`--comment "drop ${from} to ${to}"`))
      .reduce((sum, line) => sum + Number(/^\[(\d+):/.exec(line)?.[1] ?? 0), 0);
  },
};

/** Packets that a named counter of nftables has seen. */
export function countedBy(space: Namespace, table: string, counter: string): number {
  const shown = space.run('nft', ['list', 'counter', ...table.split(' '), counter]);
  return Number(/packets (\d+)/.exec(shown)?.[1] ?? 0);
}

function loadEach(
  network: ZoneNetwork,
  intoFirewall: (
    space: Namespace,
    plan: NetworkPlan,
    firewall: NetworkPlan['firewalls'][number],
  ) => void,
  intoHost: (space: Namespace, plan: NetworkPlan, host: NetworkPlan['hosts'][number]) => void,
): void {
  const { plan } = network;
  for (const firewall of plan.firewalls) intoFirewall(network.at(firewall.name), plan, firewall);
  for (const host of plan.hosts.filter(isOurs)) intoHost(network.at(host.name), plan, host);
}
