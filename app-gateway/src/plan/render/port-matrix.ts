import type { NetworkPlan, PlanFirewall, PlanFlow, ZoneName } from '../network-plan.ts';
import { addressWords, endWords, natWords, portWords, rateWords } from './flow-words.ts';

/** The port matrix for people (Markdown): hosts, each firewall, each pair of zones, and what is forbidden on purpose. */
export function portMatrix(plan: NetworkPlan): string {
  return `${[
    `# Port matrix of ${text(plan.site)}`,
    `Layout ${plan.layout}. Written by \`sallyport plan\` from the site file; \`matrix.json\` says the same to programs. What is not listed is dropped.`,
    '## Zones and hosts',
    table(
      ['zone', 'networks'],
      plan.zones.map(({ name, networks }) => [
        name,
        name === 'internet' ? 'what no other zone holds' : networks.join(' '),
      ]),
    ),
    table(
      ['host', 'zone', 'roles', 'addresses', 'our programs'],
      plan.hosts.map(({ name, zone, roles, addresses, nodes }) => [
        name,
        zone,
        roles.join(', '),
        addresses.join(' '),
        nodes.join(', '),
      ]),
    ),
    ...plan.firewalls.flatMap((firewall) => firewallSection(plan, firewall)),
    '## Inside a zone, and on hosts alone',
    'No firewall of the plan sees these; the hosts’ own rules let them through.',
    flowTable(insideFlows(plan)),
    '## Zone to zone',
    overview(plan),
    '## Forbidden on purpose',
    forbidden(plan)
      .map((line) => `- ${line}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

function firewallSection(plan: NetworkPlan, firewall: PlanFirewall): readonly string[] {
  const { name, joins, interfaces, crossings } = firewall;
  const crossing = new Set(crossings.map(({ flowId }) => flowId));
  const named = joins.flatMap((zone) => {
    const interfaceName = interfaces[zone];
    return interfaceName === undefined ? [] : [`${zone} on ${interfaceName}`];
  });
  return [
    `## Firewall ${text(name)}`,
    `Between ${joins.join(', ')}.${named.length === 0 ? '' : ` Interfaces: ${named.join(', ')}.`}`,
    flowTable(plan.flows.filter(({ id, via }) => crossing.has(id) && via === undefined)),
  ];
}

function flowTable(flows: readonly PlanFlow[]): string {
  if (flows.length === 0) return 'Nothing.';
  return table(
    ['purpose', 'from', 'addresses', 'to', 'addresses', 'protocol', 'ports', 'remarks'],
    flows.map((flow) => [
      flow.purpose,
      endWords(flow.from),
      addressWords(flow.from),
      endWords(flow.to),
      addressWords(flow.to),
      flow.protocol,
      portWords(flow),
      remarks(flow),
    ]),
  );
}

function remarks(flow: PlanFlow): string {
  const nat = natWords(flow);
  return [
    ...(nat === '' ? [] : [`addressed to ${nat}`]),
    ...(flow.via === undefined ? [] : [`through ${flow.via}`]),
    ...(rateWords(flow) === '' ? [] : [rateWords(flow)]),
    ...(flow.isLongLived ? ['no idle time-out'] : []),
  ].join('; ');
}

function insideFlows({ flows, firewalls }: NetworkPlan): readonly PlanFlow[] {
  const crossing = new Set(
    firewalls.flatMap(({ crossings }) => crossings.map(({ flowId }) => flowId)),
  );
  return flows.filter(({ id, via }) => via !== undefined || !crossing.has(id));
}

/** Rows are where connections begin, columns where they end. */
function overview({ zones, flows }: NetworkPlan): string {
  const cell = (from: ZoneName, to: ZoneName) => {
    const ports = flows
      .filter((flow) => flow.via === undefined && flow.from.zone === from && flow.to.zone === to)
      .map((flow) => `${flow.protocol} ${portWords(flow)}`);
    return ports.length === 0 ? 'nothing' : [...new Set(ports)].sort().join(', ');
  };
  return table(
    ['from \\ to', ...zones.map(({ name }) => name)],
    zones.map(({ name: from }) => [from, ...zones.map(({ name: to }) => cell(from, to))]),
  );
}

/** Pairs of zones between which nothing passes, and what people ask for most. */
function forbidden({ zones, flows, hosts }: NetworkPlan): readonly string[] {
  const pairs = zones.flatMap(({ name: from }) =>
    zones.flatMap(({ name: to }) =>
      from === to || flows.some((flow) => flow.from.zone === from && flow.to.zone === to)
        ? []
        : [`${from} to ${to}: nothing at all.`],
    ),
  );
  const proxies = hosts.filter(({ roles }) => roles.includes('proxy'));
  const isInwards = ({ from, to }: PlanFlow) =>
    proxies.some(({ name }) => name === from.host) &&
    to.zone !== 'internet' &&
    to.zone !== from.zone;
  return [
    ...pairs,
    ...(flows.some(isInwards)
      ? []
      : ['From a proxy inwards: nothing. Gateways dial the proxies; a proxy has no port to try.']),
    'The database, the inner servers and the SIEM: only for gateways, never for proxies or balancers.',
    'Administration and monitoring: only from the networks named for them, never from the internet.',
    'A connection from one proxy to another.',
    'DHCP, package mirrors, mail and whatever else a system may like: not planned, so closed on our hosts. Name it under `network.services` if it is needed.',
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Nothing from the plan opens a cell, a tag or a link. */
function text(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replace(/[|<>*_`[\]]/g, (mark) => `\\${mark}`)
    .replace(/[\r\n]+/g, ' ');
}
