import { hostPort } from '@sallyport/shared/net/host-port.ts';
import type { NetworkPlan, PlanFirewall, ZoneName } from '../network-plan.ts';
import {
  administrationRules,
  type ChainPlace,
  flowChains,
  flowLines,
  logLine,
  neighbourLines,
  stateLines,
} from './iptables-rule.ts';
import {
  administrators,
  type Family,
  firewallRules,
  ofFamily,
  siteNetworks,
  withoutInner,
} from './packet-rule.ts';
import { translations } from './translations.ts';
import { interfaceSources } from './zone-sides.ts';

/**
 * The same ruleset for `iptables-restore` (family 4) or `ip6tables-restore` (family 6).
 *
 * These tools replace whole tables: nothing else may use the tables `filter` and `nat` of that machine. How long
 * silent connections stay known is a setting of the kernel here (`sysctl.conf` beside it).
 */
export function iptablesFirewall(
  plan: NetworkPlan,
  firewall: PlanFirewall,
  family: Family,
): string {
  const rules = firewallRules(plan, firewall).filter((rule) => rule.family === family);
  const site = siteNetworks(plan, family);
  const place: ChainPlace = {
    chain: 'FORWARD',
    interfaces: firewall.interfaces,
    needsSyn: true,
    site,
  };
  const { networks, ports } = administrators(plan);
  return `${[
    `# Firewall ${firewall.name} of the site ${plan.site}, IPv${family}: ${family === 4 ? 'iptables' : 'ip6tables'}-restore < this file`,
    '# Written by "sallyport plan"; change site.yaml instead. Replaces the tables filter and nat as a whole.',
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':spoofed - [0:0]',
    ':dropped - [0:0]',
    ...flowChains(rules, place),
    '-A INPUT -i lo -j ACCEPT',
    ...neighbourLines('INPUT', family, 'router'),
    '-A INPUT -j spoofed',
    ...stateLines('INPUT'),
    ...administrationRules(networks, ports, family),
    '-A INPUT -j dropped',
    '-A FORWARD -j spoofed',
    ...stateLines('FORWARD'),
    ...rules.flatMap((rule) => flowLines(rule, place)),
    '-A FORWARD -j dropped',
    ...spoofLines(plan, firewall, family),
    ...dropLines(plan, firewall, family),
    'COMMIT',
    ...translationTable(plan, firewall, family),
  ].join('\n')}\n`;
}

function spoofLines(plan: NetworkPlan, firewall: PlanFirewall, family: Family): readonly string[] {
  return interfaceSources(plan, firewall).flatMap(({ interfaceName, isOutside, own, others }) => {
    if (isOutside) {
      return withoutInner(ofFamily(others, family)).map(
        (range) => `-A spoofed -i ${interfaceName} -s ${range} -j DROP`,
      );
    }
    return [
      ...withoutInner(ofFamily(own, family)).map(
        (range) => `-A spoofed -i ${interfaceName} -s ${range} -j RETURN`,
      ),
      `-A spoofed -i ${interfaceName} -j DROP`,
    ];
  });
}

/** Counted by zones, as far as one rule a range can: what neither end claims first is the internet's. */
function dropLines(plan: NetworkPlan, { name }: PlanFirewall, family: Family): readonly string[] {
  const zones = plan.zones
    .filter((zone) => zone.name !== 'internet')
    .map((zone) => ({ name: zone.name, ranges: withoutInner(ofFamily(zone.networks, family)) }));
  const drop = (from: ZoneName, to: ZoneName, match: string) =>
    `-A dropped ${match}-m comment --comment "drop ${from} to ${to}" -j DROP`;
  return [
    logLine('dropped', `sp ${name} drop`),
    ...zones.flatMap((from) =>
      zones.flatMap((to) =>
        from.ranges.flatMap((source) =>
          to.ranges.map((target) => drop(from.name, to.name, `-s ${source} -d ${target} `)),
        ),
      ),
    ),
    ...zones.flatMap(({ name: to, ranges }) =>
      ranges.map((target) => drop('internet', to, `-d ${target} `)),
    ),
    ...zones.flatMap(({ name: from, ranges }) =>
      ranges.map((source) => drop(from, 'internet', `-s ${source} `)),
    ),
    drop('internet', 'internet', ''),
  ];
}

function translationTable(
  plan: NetworkPlan,
  firewall: PlanFirewall,
  family: Family,
): readonly string[] {
  const { targets, sources } = translations(plan, firewall);
  const site = siteNetworks(plan, family);
  const outside = firewall.interfaces.internet;
  const incoming = outside === undefined ? '' : `-i ${outside} `;
  const outgoing = outside === undefined ? '' : `-o ${outside} `;
  const targetLines = targets
    .filter((each) => each.family === family)
    .map(
      ({ address, port, to, flowId }) =>
        `-A outside ${incoming}-d ${address} -p tcp -m tcp --dport ${port} -m comment --comment "${flowId.slice(0, 120)}" -j DNAT --to-destination ${hostPort(to.address, to.port)}`,
    );
  const sourceLines = sources
    .filter((each) => each.family === family)
    .flatMap(({ from, to }) =>
      from.map(
        (range) =>
          `-A outward ${outgoing}-s ${range} -j ${to === undefined ? 'MASQUERADE' : `SNAT --to-source ${to}`}`,
      ),
    );
  if (targetLines.length + sourceLines.length === 0) return [];
  return [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ':outside - [0:0]',
    ':outward - [0:0]',
    '-A PREROUTING -j outside',
    '-A POSTROUTING -j outward',
    ...site.map((range) => `-A outside -s ${range} -j RETURN`),
    ...targetLines,
    ...site.map((range) => `-A outward -d ${range} -j RETURN`),
    ...sourceLines,
    'COMMIT',
  ];
}
