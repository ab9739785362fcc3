import { hostPort } from '@sallyport/shared/net/host-port.ts';
import type { NetworkPlan, PlanFirewall, ZoneName } from '../network-plan.ts';
import {
  acceptLines,
  administrationLines,
  anyOf,
  flowCounters,
  indented,
  ipWord,
  limitSets,
  neighbourLines,
  type RulePlace,
  rangeSet,
} from './nftables-rule.ts';
import {
  administrators,
  FAMILIES,
  type Family,
  firewallRules,
  ofFamily,
  siteNetworks,
  withoutInner,
} from './packet-rule.ts';
import { translations } from './translations.ts';
import { interfaceSources } from './zone-sides.ts';

/** Five days: a connection with a partner may be silent for hours, and RFC 5382 REQ-5 asks for two at least. */
export const STANDING_SECONDS = 432_000;

/**
 * The whole ruleset of one firewall for `nft -f`: one table that replaces itself at once and touches no other.
 *
 * What no flow allows is dropped, and counted by the zones it came from and went to. ICMP passes where it belongs to
 * a connection (packet too big, unreachable) and nowhere else.
 */
export function nftablesFirewall(plan: NetworkPlan, firewall: PlanFirewall): string {
  const rules = firewallRules(plan, firewall);
  const place = { interfaces: firewall.interfaces, needsSyn: true, hasTimeouts: true };
  const { networks, ports } = administrators(plan);
  const body = [
    ...FAMILIES.flatMap(standingTimeout),
    '',
    ...flowCounters(rules),
    ...zonePairs(plan).map(({ counter }) => `counter ${counter} { }`),
    'counter drop_other { }',
    'counter invalid { }',
    'counter limited { }',
    'counter spoofed { }',
    '',
    ...FAMILIES.flatMap((family) => zoneSets(plan, family)),
    ...limitSets(rules),
    '',
    'chain forward {',
    ...indented([
      'type filter hook forward priority filter; policy drop;',
      'jump spoofed',
      'ct state established,related accept',
      'ct state invalid counter name "invalid" drop',
      ...rules.flatMap((rule) => acceptLines(rule, place)),
      'jump dropped',
    ]),
    '}',
    '',
    'chain input {',
    ...indented([
      'type filter hook input priority filter; policy drop;',
      'iif "lo" accept',
      ...neighbourLines('router'),
      'jump spoofed',
      'ct state established,related accept',
      'ct state invalid counter name "invalid" drop',
      ...administrationLines(networks, ports),
      'jump dropped',
    ]),
    '}',
    '',
    'chain spoofed {',
    ...indented(spoofLines(plan, firewall)),
    '}',
    '',
    'chain dropped {',
    ...indented([
      `limit rate 10/second burst 20 packets log prefix "sallyport ${firewall.name} drop " level info`,
      ...zonePairs(plan).flatMap(pairLines),
      'counter name "drop_other" drop',
    ]),
    '}',
    ...translationChains(plan, firewall, place),
  ];
  return `${[
    '#!/usr/sbin/nft -f',
    `# Firewall ${firewall.name} of the site ${plan.site}: between ${firewall.joins.join(', ')}.`,
    '# Written by "sallyport plan"; change site.yaml instead. What is not listed here is dropped and counted:',
    '#   nft list counters table inet sallyport',
    ...(Object.keys(firewall.interfaces).length === 0
      ? [
          '# No interfaces are named in the plan: forged sources are not told apart by where they come in.',
        ]
      : []),
    'table inet sallyport',
    'delete table inet sallyport',
    '',
    'table inet sallyport {',
    ...indented(body),
    '}',
  ].join('\n')}\n`;
}

/** What the kernel must be set to for a firewall with these rules. */
export function firewallSysctl(): string {
  return `# For /etc/sysctl.d: forwards packets, forgets no connection that stands, takes no route from others.
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
net.ipv4.conf.all.rp_filter = 1
net.ipv4.conf.all.accept_redirects = 0
net.ipv6.conf.all.accept_redirects = 0
net.ipv4.conf.all.accept_source_route = 0
net.ipv6.conf.all.accept_source_route = 0
net.ipv4.tcp_syncookies = 1
net.netfilter.nf_conntrack_tcp_timeout_established = ${STANDING_SECONDS}
`;
}

/** Name of the counter that rises when something was dropped on its way between two zones. */
export function dropCounter(from: ZoneName, to: ZoneName): string {
  return `drop_${from.replaceAll('-', '_')}_to_${to.replaceAll('-', '_')}`;
}

interface ZonePair {
  readonly from: ZoneName;
  readonly to: ZoneName;
  readonly counter: string;
}

function zonePairs({ zones }: NetworkPlan): readonly ZonePair[] {
  return zones.flatMap(({ name: from }) =>
    zones.map(({ name: to }) => ({ from, to, counter: dropCounter(from, to) })),
  );
}

function pairLines({ from, to, counter }: ZonePair): readonly string[] {
  return FAMILIES.map((family) => {
    const word = ipWord(family);
    const end = (side: string, zone: ZoneName) =>
      zone === 'internet'
        ? `${word} ${side} != @site_${family}`
        : `${word} ${side} @${zoneSet(zone, family)}`;
    return `${end('saddr', from)} ${end('daddr', to)} counter name "${counter}" drop`;
  });
}

function zoneSets(plan: NetworkPlan, family: Family): readonly string[] {
  return [
    ...rangeSet(`site_${family}`, family, siteNetworks(plan, family)),
    ...plan.zones
      .filter(({ name }) => name !== 'internet')
      .flatMap(({ name, networks }) =>
        rangeSet(zoneSet(name, family), family, withoutInner(ofFamily(networks, family))),
      ),
  ];
}

function zoneSet(zone: ZoneName, family: Family): string {
  return `${zone.replaceAll('-', '_')}_${family}`;
}

function standingTimeout(family: Family): readonly string[] {
  return [
    `ct timeout standing_${family} {`,
    ...indented([
      'protocol tcp',
      `l3proto ${ipWord(family)}`,
      `policy = { established : ${STANDING_SECONDS} }`,
    ]),
    '}',
  ];
}

function spoofLines(plan: NetworkPlan, firewall: PlanFirewall): readonly string[] {
  const end = 'counter name "spoofed" drop';
  return interfaceSources(plan, firewall).flatMap(({ interfaceName, isOutside, own, others }) =>
    FAMILIES.flatMap((family) => {
      const source = `iifname "${interfaceName}" ${ipWord(family)} saddr`;
      const [inside, elsewhere] = [own, others].map((list) =>
        withoutInner(ofFamily(list, family)),
      ) as [readonly string[], readonly string[]];
      if (isOutside) return elsewhere.length === 0 ? [] : [`${source} ${anyOf(elsewhere)} ${end}`];
      if (inside.length > 0) return [`${source} != ${anyOf(inside)} ${end}`];
      return [`iifname "${interfaceName}" meta nfproto ipv${family} ${end}`];
    }),
  );
}

function translationChains(
  plan: NetworkPlan,
  firewall: PlanFirewall,
  { interfaces }: RulePlace,
): readonly string[] {
  const { targets, sources } = translations(plan, firewall);
  const outside = interfaces.internet;
  const incoming = outside === undefined ? '' : `iifname "${outside}" `;
  const outgoing = outside === undefined ? '' : `oifname "${outside}" `;
  const targetLines = targets.map(({ flowId, family, address, port, to }) => {
    const word = ipWord(family);
    const target = hostPort(to.address, to.port);
    return `${incoming}${word} saddr != @site_${family} ${word} daddr ${address} tcp dport ${port} dnat ${word} to ${target} comment "${flowId.slice(0, 120)}"`;
  });
  const sourceLines = sources.map(({ family, from, to }) => {
    const word = ipWord(family);
    const action = to === undefined ? 'masquerade' : `snat ${word} to ${to}`;
    return `${outgoing}${word} saddr ${anyOf(from)} ${word} daddr != @site_${family} ${action}`;
  });
  return [
    ...chainOf(
      'translate_targets',
      'type nat hook prerouting priority dstnat; policy accept;',
      targetLines,
    ),
    ...chainOf(
      'translate_sources',
      'type nat hook postrouting priority srcnat; policy accept;',
      sourceLines,
    ),
  ];
}

function chainOf(name: string, head: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return ['', `chain ${name} {`, ...indented([head, ...lines]), '}'];
}
