import type { NetworkPlan, PlanHost } from '../network-plan.ts';
import { movingAddress, nftablesTurns } from './moving-address.ts';
import {
  acceptLines,
  administrationLines,
  flowCounters,
  indented,
  limitSets,
  neighbourLines,
  type RulePlace,
  rangeSet,
} from './nftables-rule.ts';
import { administrators, FAMILIES, hostRules, siteNetworks } from './packet-rule.ts';

const PLACE: RulePlace = { interfaces: {}, needsSyn: false, hasTimeouts: false };

/**
 * The ruleset of one host: it accepts, and opens, what the plan says of it and nothing else.
 *
 * Who takes such a host over finds the way inside closed on the host already, and on the firewall once more. Addresses
 * are taken to be set by hand: nothing is open for DHCP.
 */
export function nftablesHost(plan: NetworkPlan, host: PlanHost): string {
  const { input, output, forward } = hostRules(plan, host);
  const all = [...input, ...output, ...forward];
  const { networks } = administrators(plan);
  const moving = movingAddress(plan, host);
  const body = [
    ...flowCounters(all),
    'counter drop_input { }',
    'counter drop_output { }',
    'counter drop_forward { }',
    'counter invalid { }',
    'counter limited { }',
    '',
    ...FAMILIES.flatMap((family) => rangeSet(`site_${family}`, family, siteNetworks(plan, family))),
    ...limitSets(all),
    '',
    'chain input {',
    ...indented([
      'type filter hook input priority filter; policy drop;',
      'iif "lo" accept',
      ...neighbourLines('host'),
      'ct state established,related accept',
      'ct state invalid counter name "invalid" drop',
      ...administrationLines(networks, []),
      ...nftablesTurns('input', moving),
      ...input.flatMap((rule) => acceptLines(rule, PLACE)),
      ...dropLines(host, 'input'),
    ]),
    '}',
    '',
    'chain output {',
    ...indented([
      'type filter hook output priority filter; policy drop;',
      'oif "lo" accept',
      ...(forward.length === 0 ? [] : [NO_REDIRECTS]),
      'icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
      'icmpv6 type mld2-listener-report accept',
      'ct state established,related accept',
      'ct state invalid counter name "invalid" drop',
      ...nftablesTurns('output', moving),
      ...output.flatMap((rule) => acceptLines(rule, PLACE)),
      ...dropLines(host, 'output'),
    ]),
    '}',
    '',
    'chain forward {',
    ...indented([
      'type filter hook forward priority filter; policy drop;',
      ...(forward.length === 0 ? [] : ['ct state established,related accept']),
      ...forward.flatMap((rule) => acceptLines(rule, PLACE)),
      'counter name "drop_forward" drop',
    ]),
    '}',
  ];
  return `${[
    '#!/usr/sbin/nft -f',
    `# Host ${host.name} of the site ${plan.site}, in ${host.zone}. Written by "sallyport plan".`,
    '# What is not listed here is dropped and counted: nft list counters table inet sallyport_host',
    'table inet sallyport_host',
    'delete table inet sallyport_host',
    '',
    'table inet sallyport_host {',
    ...indented(body),
    '}',
  ].join('\n')}\n`;
}

/**
 * A balancer tells no proxy of the shorter way that it sees: the firewall's. What a proxy answered on it would have the
 * proxy's address, which the partner never dialled. The kernel's own switch is one for each interface.
 */
const NO_REDIRECTS = 'icmp type redirect counter name "drop_output" drop';

function dropLines({ name }: PlanHost, chain: 'input' | 'output'): readonly string[] {
  return [
    `limit rate 10/second burst 20 packets log prefix "sallyport ${name} ${chain} drop " level info`,
    `counter name "drop_${chain}" drop`,
  ];
}
