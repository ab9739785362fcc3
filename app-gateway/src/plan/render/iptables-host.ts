import type { NetworkPlan, PlanHost } from '../network-plan.ts';
import {
  administrationRules,
  type ChainPlace,
  flowChains,
  flowLines,
  logLine,
  neighbourLines,
  stateLines,
} from './iptables-rule.ts';
import { iptablesTurns, movingAddress } from './moving-address.ts';
import {
  administrators,
  type Family,
  hostRules,
  type PacketRule,
  siteNetworks,
} from './packet-rule.ts';

const ESTABLISHED = '-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT';

/** One host's rules for `iptables-restore` (family 4) or `ip6tables-restore` (family 6). */
export function iptablesHost(plan: NetworkPlan, host: PlanHost, family: Family): string {
  const rules = hostRules(plan, host);
  const site = siteNetworks(plan, family);
  const chains = (
    [
      ['INPUT', rules.input],
      ['OUTPUT', rules.output],
      ['FORWARD', rules.forward],
    ] as const
  ).map(([chain, all]) => ({
    place: { chain, interfaces: {}, needsSyn: false, site } satisfies ChainPlace,
    rules: all.filter((rule) => rule.family === family),
  }));
  const { networks } = administrators(plan);
  const moving = movingAddress(plan, host);
  const lines = (chain: ChainPlace['chain']) =>
    chains
      .filter(({ place }) => place.chain === chain)
      .flatMap(({ place, rules: own }) =>
        own.flatMap((rule: PacketRule) => flowLines(rule, place)),
      );
  return `${[
    `# Host ${host.name} of the site ${plan.site}, IPv${family}: ${family === 4 ? 'iptables' : 'ip6tables'}-restore < this file`,
    '# Written by "sallyport plan"; change site.yaml instead. Replaces the table filter as a whole.',
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT DROP [0:0]',
    ...chains.flatMap(({ place, rules: own }) => flowChains(own, place)),
    '-A INPUT -i lo -j ACCEPT',
    ...neighbourLines('INPUT', family, 'host'),
    ...stateLines('INPUT'),
    ...administrationRules(networks, [], family),
    ...iptablesTurns('INPUT', moving, family),
    ...lines('INPUT'),
    logLine('INPUT', `sp ${host.name} in drop`),
    '-A OUTPUT -o lo -j ACCEPT',
    ...neighbourLines('OUTPUT', family, 'host'),
    // A balancer tells no proxy of a shorter way (see nftables' rules).
    ...(rules.forward.length > 0 && family === 4
      ? ['-A OUTPUT -p icmp -m icmp --icmp-type redirect -j DROP']
      : []),
    ...stateLines('OUTPUT'),
    ...iptablesTurns('OUTPUT', moving, family),
    ...lines('OUTPUT'),
    logLine('OUTPUT', `sp ${host.name} out drop`),
    // What is not known may be half of a connection whose answers go past this host.
    ...(rules.forward.length === 0 ? [] : [ESTABLISHED, ...lines('FORWARD')]),
    'COMMIT',
  ].join('\n')}\n`;
}
