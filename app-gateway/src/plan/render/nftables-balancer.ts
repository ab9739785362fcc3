import type { NetworkPlan, PlanBalancer } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import { indented, ipWord } from './nftables-rule.ts';

/**
 * A balancer of nothing but packet rules: each source goes to one proxy by its hash and keeps its address.
 *
 * It asks nobody for health: whoever watches the proxies loads the rules again without the one that is down. The
 * proxies' way back to the internet must lead through this host.
 */
export function nftablesBalancer(plan: NetworkPlan, balancer: PlanBalancer): string {
  const { address, port } = balancer.listen;
  const word = ipWord(familyOf(address));
  const targets = balancer.targets.filter(
    (target) => familyOf(target.address) === familyOf(address),
  );
  const elements = targets.map((target, at) => `${at} : ${target.address} . ${target.port}`);
  const translation =
    targets.length === 0
      ? []
      : [
          `${word} daddr ${address} tcp dport ${port} dnat ${word} addr . port to jhash ${word} saddr mod ${targets.length} map { ${elements.join(', ')} }`,
        ];
  return `${[
    '#!/usr/sbin/nft -f',
    `# Balancer ${balancer.host}, site ${plan.site}: ${targets.map(({ host }) => host).join(', ')}. Written by "sallyport plan".`,
    '# Loaded beside the host’s own rules; a proxy that is down is taken out by loading this file without it.',
    'table inet sallyport_balancer',
    'delete table inet sallyport_balancer',
    '',
    'table inet sallyport_balancer {',
    ...indented([
      'chain share {',
      ...indented(['type nat hook prerouting priority dstnat; policy accept;', ...translation]),
      '}',
    ]),
    '}',
  ].join('\n')}\n`;
}
