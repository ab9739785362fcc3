import { createHash } from 'node:crypto';
import type { ZoneName } from '../network-plan.ts';
import {
  BURST_SECONDS,
  COMMENT_CHARS_MAX,
  type Family,
  ofFamily,
  type PacketEnd,
  type PacketRule,
  SOURCES_MAX,
} from './packet-rule.ts';

const FORGOTTEN_MS = 60_000;
const HASH_CHARS = 10;

/** Where a rule stands: which of the tool's chains, and whether connections may begin with SYN alone. */
export interface ChainPlace {
  readonly chain: 'INPUT' | 'OUTPUT' | 'FORWARD';
  readonly interfaces: Readonly<Partial<Record<ZoneName, string>>>;
  readonly needsSyn: boolean;
  /** Ranges of the site of the family. */
  readonly site: readonly string[];
}

/**
 * The chain of one flow, and the rules that lead into it.
 *
 * The tool knows no "neither of these ranges", so that what is of the site returns from the flow's chain before it
 * ends with ACCEPT. A full table of sources drops here, as the tool wants it; nftables' rules let pass.
 */
export function flowLines(rule: PacketRule, place: ChainPlace): readonly string[] {
  const { flow, from, to, isTranslated, family } = rule;
  const chain = flowChain(place, flow.id);
  const comment = `-m comment --comment "${flow.id.slice(0, COMMENT_CHARS_MAX)}"`;
  const perSecond = flow.newPerSourcePerSecond;
  return [
    ...pairsOf(from, to).map((pair) =>
      ['-A', place.chain, ...matchWords(rule, place, pair), comment, '-j', chain].join(' '),
    ),
    ...(from.isInternet ? place.site.map((range) => `-A ${chain} -s ${range} -j RETURN`) : []),
    ...(to.isInternet ? place.site.map((range) => `-A ${chain} -d ${range} -j RETURN`) : []),
    ...(isTranslated ? [`-A ${chain} -m conntrack ! --ctstate DNAT -j RETURN`] : []),
    ...(perSecond === undefined ? [] : [limitLine(chain, perSecond, family)]),
    `-A ${chain} ${comment} -j ACCEPT`,
  ];
}

/** Chains that must be there before the first rule names them. */
export function flowChains(rules: readonly PacketRule[], place: ChainPlace): readonly string[] {
  return [...new Set(rules.map(({ flow }) => `:${flowChain(place, flow.id)} - [0:0]`))];
}

/** What every chain begins with after its own exceptions. */
export function stateLines(chain: string): readonly string[] {
  return [
    `-A ${chain} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`,
    `-A ${chain} -m conntrack --ctstate INVALID -j DROP`,
  ];
}

/** What IPv6 needs from neighbours on the same link, and is told by them (RFC 4890 §4.3.1, §4.4.1); nothing for IPv4. */
export function neighbourLines(
  chain: 'INPUT' | 'OUTPUT',
  family: Family,
  at: 'host' | 'router',
): readonly string[] {
  if (family === 4) return [];
  const [asks, tells] = ['router-solicitation', 'router-advertisement'];
  const routers = chain === 'OUTPUT' ? [asks] : at === 'host' ? [tells] : [asks, tells];
  const icmp = `-A ${chain} -p ipv6-icmp -m icmp6 --icmpv6-type`;
  return [
    ...[...routers, 'neighbour-solicitation', 'neighbour-advertisement'].map(
      (type) => `${icmp} ${type} -m hl --hl-eq 255 -j ACCEPT`,
    ),
    chain === 'INPUT'
      ? `${icmp} ${LISTENER_QUERY} -s fe80::/10 -m hl --hl-eq 1 -j ACCEPT`
      : `${icmp} ${LISTENER_REPORT} -j ACCEPT`,
  ];
}

/** MLD, which has no names there: its query, and its report in version 2. */
const LISTENER_QUERY = 130;
const LISTENER_REPORT = 143;

/** Who may log in and ask whether a machine is there. */
export function administrationRules(
  networks: readonly string[],
  ports: readonly number[],
  family: Family,
): readonly string[] {
  const echo =
    family === 4
      ? '-p icmp -m icmp --icmp-type echo-request'
      : '-p ipv6-icmp -m icmp6 --icmpv6-type echo-request';
  return ofFamily(networks, family).flatMap((range) => [
    ...ports.map(
      (port) =>
        `-A INPUT -s ${range} -p tcp -m tcp --dport ${port} -m conntrack --ctstate NEW -j ACCEPT`,
    ),
    `-A INPUT -s ${range} ${echo} -j ACCEPT`,
  ]);
}

/** A line about what is about to be dropped, ten a second at most. */
export function logLine(chain: string, prefix: string): string {
  // The tool cuts prefixes at 29 characters.
  return `-A ${chain} -m limit --limit 10/sec --limit-burst 20 -j LOG --log-prefix "${prefix.slice(0, 28)} "`;
}

type Pair = readonly [from: string | undefined, to: string | undefined];

/** Every source with every target; undefined stands for the whole internet. */
function pairsOf(from: PacketEnd, to: PacketEnd): readonly Pair[] {
  const ends = ({ networks }: PacketEnd) => (networks.length === 0 ? [undefined] : networks);
  return ends(from).flatMap((source) => ends(to).map((target): Pair => [source, target]));
}

function matchWords(
  { leg, protocol, ports: { first, last }, isOneWay }: PacketRule,
  { interfaces, needsSyn }: ChainPlace,
  [source, target]: Pair,
): readonly string[] {
  const incoming = leg && interfaces[leg.from];
  const outgoing = leg && interfaces[leg.to];
  return [
    ...(incoming === undefined ? [] : ['-i', incoming]),
    ...(outgoing === undefined ? [] : ['-o', outgoing]),
    ...(source === undefined ? [] : ['-s', source]),
    ...(target === undefined ? [] : ['-d', target]),
    ...[
      '-p',
      protocol,
      '-m',
      protocol,
      '--dport',
      first === last ? `${first}` : `${first}:${last}`,
    ],
    ...(protocol === 'tcp' && needsSyn ? ['--tcp-flags', 'FIN,SYN,RST,ACK', 'SYN'] : []),
    ...(isOneWay ? [] : ['-m', 'conntrack', '--ctstate', 'NEW']),
  ];
}

function limitLine(chain: string, perSecond: number, family: Family): string {
  const bits = family === 4 ? 32 : 64;
  return [
    `-A ${chain} -m hashlimit --hashlimit-above ${perSecond}/sec`,
    `--hashlimit-burst ${perSecond * BURST_SECONDS} --hashlimit-mode srcip --hashlimit-srcmask ${bits}`,
    `--hashlimit-name ${chain} --hashlimit-htable-max ${SOURCES_MAX}`,
    `--hashlimit-htable-expire ${FORGOTTEN_MS} -j DROP`,
  ].join(' ');
}

/** Short enough for the tool, and the same whatever other flows there are. */
function flowChain({ chain }: ChainPlace, flowId: string): string {
  const hash = createHash('sha256').update(flowId).digest('hex').slice(0, HASH_CHARS);
  return `${chain.charAt(0).toLowerCase()}-${hash}`;
}
