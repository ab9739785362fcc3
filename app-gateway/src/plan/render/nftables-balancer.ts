import type { NetworkPlan, PlanBalancer } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import { firewallSysctl } from './nftables-firewall.ts';
import { indented, ipWord } from './nftables-rule.ts';

/**
 * A balancer of nothing but packet rules: each source goes to one proxy by its hash and keeps its address.
 *
 * The rules ask nobody for health: `nftablesRotation` does beside them. The proxies' way back to the internet must lead
 * through this host.
 */
export function nftablesBalancer(plan: NetworkPlan, balancer: PlanBalancer): string {
  const { address, port } = balancer.listen;
  const targets = sharedTargets(balancer);
  const elements = targets.map((target, at) => `${at} : ${target.address} . ${target.port}`);
  const translation =
    targets.length === 0
      ? []
      : [`${shareWords(balancer)} mod ${targets.length} map { ${elements.join(', ')} }`];
  return `${[
    '#!/usr/sbin/nft -f',
    `# Balancer ${balancer.host}, site ${plan.site}: ${targets.map(({ host }) => host).join(', ')}. Written by "sallyport plan".`,
    `# Loaded beside the host’s own rules; shares ${address}:${port} among all proxies until sallyport-balancer.service has asked them.`,
    `table inet ${BALANCER_TABLE}`,
    `delete table inet ${BALANCER_TABLE}`,
    '',
    `table inet ${BALANCER_TABLE} {`,
    ...indented(['chain share {', ...indented([SHARE_HOOK, ...translation]), '}']),
    '}',
  ].join('\n')}\n`;
}

/** What the kernel must be set to on the balancer's host. */
export function nftablesBalancerSysctl(): string {
  return `${firewallSysctl()}# No proxy is told of the shorter way past this host; its own rules hold such messages back as well.
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
`;
}

/** The table of a balancer's own, beside that of its host. */
export const BALANCER_TABLE = 'sallyport_balancer';

/** Where its one chain is hooked. */
export const SHARE_HOOK = 'type nat hook prerouting priority dstnat; policy accept;';

/** Families do not mix: proxies of the other one are left out. */
export function sharedTargets({ listen, targets }: PlanBalancer): PlanBalancer['targets'] {
  return targets.filter(({ address }) => familyOf(address) === familyOf(listen.address));
}

/** The one rule as far as it is the same whoever is in rotation. */
export function shareWords({ listen: { address, port } }: PlanBalancer): string {
  const word = ipWord(familyOf(address));
  return `${word} daddr ${address} tcp dport ${port} dnat ${word} addr . port to jhash ${word} saddr`;
}
