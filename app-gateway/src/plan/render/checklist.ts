import type { NetworkPlan, PlanFirewall, PlanHost } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import { natWords } from './flow-words.ts';
import { ROTATION_PLACE } from './nftables-rotation.ts';

/** What the checklist must know of a site besides its network. */
export interface ChecklistSite {
  readonly publicHost: string;
  readonly publicPort: number;
  readonly domains: readonly string[];
  /** Whether partners may come over plain TCP as well. */
  readonly hasPlainListener: boolean;
  /** Which of the nodes are proxies; the others are gateways. */
  readonly proxies: readonly string[];
  /** Whether proxies' bundles hold their channel keys already. */
  readonly withKeys: boolean;
}

/** What people have to do, in an order in which nothing is ever more open than it will be at the end (Markdown). */
export function checklist(plan: NetworkPlan, site: ChecklistSite): string {
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Addresses', addressSteps(plan)],
    ['Names', nameSteps(plan, site)],
    ['Certificates', certificateSteps(site)],
    ['Hosts', hostSteps(plan, site)],
    ['Firewalls', firewallSteps(plan)],
    ...(plan.balancers.length === 0 ? [] : [['Balancers', balancerSteps(plan)] as const]),
    ['Enrolment and start', startSteps(plan, site)],
    ['Proof', proofSteps(plan)],
    ['Partners', PARTNER_STEPS],
  ];
  const text = sections.map(
    ([title, steps], at) =>
      `## ${at + 1}. ${title}\n\n${steps.map((step) => `- [ ] ${step}`).join('\n')}`,
  );
  return `${[`# Checklist of ${plan.site} (${plan.layout})`, INTRODUCTION, ...text].join('\n\n')}\n`;
}

const INTRODUCTION =
  'Written by `sallyport plan`. From the inside to the outside: the internet is let in last, when everything behind it is shut and proven.';

const PARTNER_STEPS = [
  '`sallyport partner add` or a file in `partners/` for each; compare fingerprints by telephone (`docs/certificates.md`).',
  'Tell partners your public name, port and the addresses that you dial from: their firewalls need them.',
  '`sallyport partner check` against each before it is activated.',
];

/** Hosts that run something of ours, or share its connections: those that get rules of their own. No other maker's box does. */
export function ownHosts({ hosts, balancers }: NetworkPlan): readonly PlanHost[] {
  const foreign = balancers.filter(({ kind }) => kind === 'other').map(({ host }) => host);
  return hosts.filter(
    ({ name, nodes, roles }) =>
      nodes.length > 0 || (roles.includes('balancer') && !foreign.includes(name)),
  );
}

function addressSteps({ hosts, flows, zones }: NetworkPlan): readonly string[] {
  const translated = flows.filter(({ nat }) => nat !== undefined);
  return [
    ...zones
      .filter(({ name }) => name !== 'internet')
      .map(({ name, networks }) => `Zone ${name}: ${networks.join(', ')}; routed as written.`),
    ...hosts.map(({ name, zone, addresses }) => `${name} (${zone}): ${addresses.join(', ')}.`),
    ...translated.map(
      (flow) =>
        `${natWords(flow)} leads to the outermost firewall, which sends it on to ${flow.to.networks.join(', ')}.`,
    ),
    'Clocks: every host asks the time servers of the plan; certificates and audit records need it.',
  ];
}

function nameSteps(plan: NetworkPlan, site: ChecklistSite): readonly string[] {
  const addresses = publicAddresses(plan);
  return [
    ...addresses.map(
      (address) => `\`${site.publicHost}. ${familyOf(address) === 6 ? 'AAAA' : 'A'} ${address}\``,
    ),
    ...site.domains.flatMap((domain) => [
      `\`_sips._tcp.${domain}. SRV 10 10 ${site.publicPort} ${site.publicHost}.\``,
      ...(site.hasPlainListener
        ? [
            `\`_sip._tcp.${domain}. SRV 10 10 5060 ${site.publicHost}.\` (only if partners who speak plain SIP look it up)`,
          ]
        : []),
    ]),
    'From outside: all of these resolve, and nothing inside does.',
  ];
}

/** What partners dial: translated addresses, or those of listeners that they reach as they are. */
function publicAddresses({ flows }: NetworkPlan): readonly string[] {
  const inbound = flows.filter(
    ({ from, to, via }) => from.zone === 'internet' && to.host !== undefined && via === undefined,
  );
  return [
    ...new Set(inbound.flatMap(({ nat, to }) => (nat === undefined ? to.networks : [nat.address]))),
  ];
}

function certificateSteps({ domains, publicHost }: ChecklistSite): readonly string[] {
  return [
    `A certificate for ${[...domains, publicHost].join(', ')} (RFC 5922: domains as SIP URI or DNS name), or that of the site’s own authority.`,
    'Certificates of the inner servers, and ours towards them: `communities` in `site.yaml`.',
    'The root of the site’s channels is offline: `ca/root.passphrase` lies elsewhere.',
  ];
}

function hostSteps(plan: NetworkPlan, { proxies }: ChecklistSite): readonly string[] {
  return ownHosts(plan).flatMap(({ name, nodes, roles }) => {
    const packages = [
      ...(roles.includes('proxy') ? ['`sallyport-dmz-proxy`'] : []),
      ...(roles.includes('gateway') ? ['`sallyport-gateway`'] : []),
    ];
    return [
      ...(packages.length === 0 ? [] : [`${name}: install ${packages.join(' and ')}.`]),
      ...nodes.map((node) => {
        const program = proxies.includes(node) ? 'sallyport-dmz-proxy' : 'sallyport-gateway';
        return `${name}: \`hosts/${name}/${node}/\` there with its times (\`rsync -t\`), then \`${program}-bundle ${node} FOLDER\`; without packages to \`/etc/sallyport/${node}/\`, owner root, group sallyport, folder 0750, keys 0640.`;
      }),
      `${name}: load its own rules, \`hosts/${name}/nftables.conf\`, while a console is open: it lets in SSH from the administration’s networks alone.`,
    ];
  });
}

/** Innermost first: while the outer ones still drop everything, nothing can go wrong that anybody outside could use. */
function firewallSteps({ firewalls }: NetworkPlan): readonly string[] {
  return [
    'Keep a console on each; before loading, make it undo itself: `(echo flush ruleset; nft list ruleset) > before.nft; systemd-run --on-active=180 nft -f before.nft`, and stop that timer when you are still in.',
    ...firewalls.toReversed().flatMap(firewallStep),
    'Settings of the kernel beside the rules (`sysctl.conf`), or the same on other products: no idle time-out below two hours for flows marked long-lived.',
  ];
}

function firewallStep({ name, joins, interfaces }: PlanFirewall): readonly string[] {
  const isOutermost = joins.includes('internet');
  const path = `firewalls/${name}/nftables.conf`;
  return [
    ...(Object.keys(interfaces).length === 0
      ? [
          `${name}: the plan names no interfaces, so it cannot drop forged sources: name them in \`network.firewalls\`, or let the router do it.`,
        ]
      : []),
    `${name}: \`nft -c -f ${path}\`, then \`nft -f ${path}\`${isOutermost ? '; the last one, for it lets the internet in' : ''}. Other products: \`rules.csv\`, \`matrix.md\`.`,
  ];
}

function balancerSteps({ balancers }: NetworkPlan): readonly string[] {
  return balancers.flatMap(({ host, kind, mode }) => [
    `${host}: configuration from \`balancers/${host}/\`${kind === 'other' ? ' is not written for this product: TCP, a check every 2 s, no idle time-out, sources kept' : ''}.`,
    ...(kind === 'nftables'
      ? [
          `${host}: \`in-rotation.sh\` to \`${ROTATION_PLACE}\`, mode 0755; \`sallyport-balancer.service\` to \`/etc/systemd/system/\`; \`systemctl enable --now sallyport-balancer\`: it takes proxies out that are not fit, and back.`,
        ]
      : []),
    ...(mode === 'pass-through'
      ? [`${host}: the proxies’ way back to the internet leads through it.`]
      : []),
  ]);
}

/** Gateways first: without one no proxy has anything to do. */
function startSteps(plan: NetworkPlan, site: ChecklistSite): readonly string[] {
  const nodes = plan.hosts.flatMap(({ name: host, nodes: own }) =>
    own.map((node) => ({ host, node, isProxy: site.proxies.includes(node) })),
  );
  return [
    ...nodes
      .filter(({ isProxy }) => !isProxy)
      .map(
        ({ host, node }) => `${host}: \`systemctl enable --now sallyport-app-gateway@${node}\`.`,
      ),
    'The first operator: `sallyport operator key`, `sallyport operator add`.',
    ...nodes
      .filter(({ isProxy }) => isProxy)
      .flatMap(({ host, node }) => [
        ...(site.withKeys ? [] : [enrolment(host, node)]),
        `${host}: \`systemctl enable --now sallyport-dmz-proxy@${node}\`.`,
      ]),
  ];
}

/** The key never leaves its host; what is compared by telephone binds the request to it. */
function enrolment(host: string, node: string): string {
  const bundle = `--bundle /etc/sallyport/${node}`;
  return [
    `${host}: \`sallyport node request ${bundle}\` (a proxy’s package has no command line: copy the executable \`sallyport\` of the gateway’s there for this, and take it away again)`,
    `at a gateway \`sallyport node approve ${node}.csr --node ${node} --role proxy --fingerprint TEXT\` with the fingerprint as it was read out by telephone`,
    `${host}: \`sallyport node install ${node}.crt ${bundle}\`.`,
  ].join('; ');
}

function proofSteps(plan: NetworkPlan): readonly string[] {
  return [
    ...ownHosts(plan).map(
      ({ name, zone, nodes }) =>
        `${name}: ${nodes.map((node) => `\`sallyport doctor --bundle /etc/sallyport/${node}\` and `).join('')}\`sallyport doctor --from-zone ${zone} --against matrix.json --as ${name}\`.`,
    ),
    'From a machine in the internet and one in each zone: the same with `--from-zone` and without `--as`.',
    '`sallyport doctor --report` puts the results together; keep it with the date.',
    'Counters of the firewalls: `nft list counters table inet sallyport`; what the doctor tried in vain has risen there.',
  ];
}
