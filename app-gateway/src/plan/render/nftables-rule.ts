import type { PlanFlow, ZoneName } from '../network-plan.ts';
import { portWords } from './flow-words.ts';
import {
  BURST_SECONDS,
  COMMENT_CHARS_MAX,
  type Family,
  ofFamily,
  type PacketEnd,
  type PacketRule,
  SOURCES_MAX,
} from './packet-rule.ts';

/** Where a rule stands, as far as its text differs. */
export interface RulePlace {
  /** Names of interfaces by zone; a host has none. */
  readonly interfaces: Readonly<Partial<Record<ZoneName, string>>>;
  /**
   * Firewalls let a TCP connection begin with nothing but SYN. A host does not ask: there its own stack does, and
   * loading the rules on a running host must not cut what stands.
   */
  readonly needsSyn: boolean;
  /** Firewalls state how long an idle connection stays known; a host keeps the kernel's five days. */
  readonly hasTimeouts: boolean;
}

/** The lines of one rule: those who open too many connections are dropped first, then the rest is accepted. */
export function acceptLines(rule: PacketRule, place: RulePlace): readonly string[] {
  const { flow, family } = rule;
  const comment = `comment "${flow.id.slice(0, COMMENT_CHARS_MAX)}"`;
  const match = matchText(rule, place);
  const limit =
    flow.newPerSourcePerSecond === undefined
      ? []
      : [`${match} ${overLimit(flow, family)} counter name "limited" drop ${comment}`];
  const standing =
    place.hasTimeouts && flow.isLongLived && flow.protocol === 'tcp'
      ? `ct timeout set "standing_${family}" `
      : '';
  return [...limit, `${match} ${standing}counter name "${counterName(flow.id)}" accept ${comment}`];
}

/** Which packets a rule is about: interfaces, addresses, port, and that they begin something where their answers are seen. */
export function matchText(rule: PacketRule, place: RulePlace): string {
  const { leg, family, from, to, protocol, isTranslated, isOneWay } = rule;
  const incoming = leg && place.interfaces[leg.from];
  const outgoing = leg && place.interfaces[leg.to];
  return [
    ...(incoming === undefined ? [] : [`iifname "${incoming}"`]),
    ...(outgoing === undefined ? [] : [`oifname "${outgoing}"`]),
    ...endTexts('saddr', from, family),
    ...endTexts('daddr', to, family),
    `${protocol} dport ${portWords(rule)}`,
    ...(protocol === 'tcp' && place.needsSyn ? ['tcp flags & (fin|syn|rst|ack) == syn'] : []),
    ...(isOneWay ? [] : ['ct state new']),
    ...(isTranslated ? ['ct status dnat'] : []),
  ].join(' ');
}

/** The sets in which sources of limited flows are counted. */
export function limitSets(rules: readonly PacketRule[]): readonly string[] {
  const limited = rules.filter(({ flow }) => flow.newPerSourcePerSecond !== undefined);
  const sets = limited.map(({ flow, family }) => [
    `set ${sourcesName(flow, family)} {`,
    `\ttype ${addressType(family)}; flags dynamic,timeout; size ${SOURCES_MAX}; timeout 1m`,
    '}',
  ]);
  return [...new Set(sets.map((lines) => lines.join('\n')))].flatMap((text) => text.split('\n'));
}

/** The counters of flows, each once, whatever families it has. */
export function flowCounters(rules: readonly PacketRule[]): readonly string[] {
  return [...new Set(rules.map(({ flow }) => `counter ${counterName(flow.id)} { }`))];
}

/** Name of the counter of a flow: its id, with what nftables does not take in a name written as `_`. */
export function counterName(flowId: string): string {
  return `flow.${flowId
    .replaceAll('>', '.to.')
    .replaceAll(':', '/')
    .replace(/[^A-Za-z0-9._/-]/g, '_')}`;
}

/** A named set of ranges; one without any matches nothing. */
export function rangeSet(
  name: string,
  family: Family,
  networks: readonly string[],
): readonly string[] {
  const elements = networks.length === 0 ? '' : ` elements = { ${networks.join(', ')} };`;
  return [`set ${name} { type ${addressType(family)}; flags interval;${elements} }`];
}

/** Word by which addresses of a family are matched. */
export function ipWord(family: Family): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6';
}

/** One value, or several in braces. */
export function anyOf(values: readonly (string | number)[]): string {
  return values.length === 1 ? String(values[0]) : `{ ${values.join(', ')} }`;
}

/** Who may ask whether a machine is there, and log in; nothing where nobody was named. */
export function administrationLines(
  networks: readonly string[],
  ports: readonly number[],
): readonly string[] {
  return ([4, 6] as const).flatMap((family) => {
    const own = ofFamily(networks, family);
    if (own.length === 0) return [];
    const from = `${ipWord(family)} saddr ${anyOf(own)}`;
    const echo = family === 4 ? 'icmp type echo-request' : 'icmpv6 type echo-request';
    return [
      ...(ports.length === 0 ? [] : [`${from} tcp dport ${anyOf(ports)} ct state new accept`]),
      `${from} ${echo} accept`,
    ];
  });
}

/**
 * What IPv6 needs from neighbours on the same link (RFC 4890 §4.3.1, §4.4.1), at a host or at a router.
 *
 * A switch that listens in sends neighbours' questions only to who has answered its own for listeners (MLD): unheard, a
 * machine would not be found any more some minutes later.
 */
export function neighbourLines(at: 'host' | 'router'): readonly string[] {
  const router = at === 'host' ? 'nd-router-advert' : 'nd-router-solicit, nd-router-advert';
  return [
    `icmpv6 type { ${router}, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept`,
    'icmpv6 type mld-listener-query ip6 saddr fe80::/10 ip6 hoplimit 1 accept',
  ];
}

/** Indents the lines of a block once more. */
export function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? '' : `\t${line}`));
}

function endTexts(side: 'saddr' | 'daddr', end: PacketEnd, family: Family): readonly string[] {
  const word = `${ipWord(family)} ${side}`;
  return [
    ...(end.isInternet || end.networks.length === 0 ? [`${word} != @site_${family}`] : []),
    ...(end.networks.length === 0 ? [] : [`${word} ${anyOf(end.networks)}`]),
  ];
}

/**
 * True for a source that opens more than its share; the first seconds' worth is free.
 *
 * A full table means true for nobody: it can be filled with forged addresses, and must not lock partners out then.
 * The proxies have limits of their own. An IPv6 source is its /64, which one machine can fill.
 */
function overLimit(flow: PlanFlow, family: Family): string {
  const perSecond = flow.newPerSourcePerSecond ?? 0;
  const source = family === 4 ? 'ip saddr' : 'ip6 saddr and ffff:ffff:ffff:ffff::';
  const rate = `limit rate over ${perSecond}/second burst ${perSecond * BURST_SECONDS} packets`;
  return `update @${sourcesName(flow, family)} { ${source} ${rate} }`;
}

function sourcesName(flow: PlanFlow, family: Family): string {
  return `${counterName(flow.id).replace('flow.', 'sources.')}.v${family}`;
}

function addressType(family: Family): string {
  return family === 4 ? 'ipv4_addr' : 'ipv6_addr';
}
