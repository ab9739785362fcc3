import type { NetworkPlan, PlanHost } from '../network-plan.ts';
import { STAGE, shellAt, stagedAt } from './checklist-place.ts';
import type { ChecklistSite } from './checklist-site.ts';
import { movingAddress } from './moving-address.ts';

/** Hosts that run something of ours, or share its connections: those that get rules of their own. No other maker's box does. */
export function ownHosts({ hosts, balancers }: NetworkPlan): readonly PlanHost[] {
  const foreign = balancers.filter(({ kind }) => kind === 'other').map(({ host }) => host);
  return hosts.filter(
    ({ name, nodes, roles }) =>
      nodes.length > 0 || (roles.includes('balancer') && !foreign.includes(name)),
  );
}

/** Beside that of a balancer or a firewall, which may be on the same host. */
const LOW_PORTS = '/etc/sysctl.d/61-sallyport-ports.conf';
const BALANCER_PACKAGES = { haproxy: ['haproxy'], keepalived: ['keepalived'] } as const;
/** Rules of firewalls and hosts know no package mirror, unless the site file names one. */
export function preparationSteps(plan: NetworkPlan): readonly string[] {
  return [
    ...ownHosts(plan).flatMap((host) => severalHosts(plan, host)),
    ...ownHosts(plan).map((host) => {
      const { kind = 'other' } = plan.balancers.find((each) => each.host === host.name) ?? {};
      const shares = kind === 'haproxy' || kind === 'keepalived' ? BALANCER_PACKAGES[kind] : [];
      const moves = movingAddress(plan, host) === undefined ? [] : ['keepalived'];
      const balancer = new Set([...shares, ...moves]);
      const ours = host.nodes.length > 0 ? ['libatomic1', 'libstdc++6'] : [];
      const all = ['nftables', 'rsync', ...ours, ...balancer];
      return `${host.name}: \`apt-get install ${all.join(' ')}\`.`;
    }),
    ...ownHosts(plan).flatMap((host) => {
      const each = movingAddress(plan, host)?.owns.map((own) => ({ ...host, addresses: [own] }));
      return (each ?? [host]).map((one) => `here: \`${copyOf(plan, one)}\`.`);
    }),
  ];
}

/** One entry of the plan, and more than one machine on which its steps are taken. */
function severalHosts(plan: NetworkPlan, host: PlanHost): readonly string[] {
  const moving = movingAddress(plan, host);
  return moving === undefined
    ? []
    : [
        `${host.name} is ${moving.owns.length} hosts, ${moving.owns.join(' and ')}, of which one at a time has ${moving.address}: what is given there is given on each of them, the proof on the first.`,
      ];
}

function copyOf(plan: NetworkPlan, host: PlanHost): string {
  const { name, roles } = host;
  const isBalanced = plan.balancers.some((each) => each.host === name && each.kind !== 'other');
  const sources = [
    `hosts/${name}/`,
    ...(isBalanced ? [`balancers/${name}`] : []),
    'matrix.json',
    ...packagesOf(roles).map((each) => `PACKAGES/${each}_*.deb`),
    ...(packagesOf(roles).length > 0 ? ['PACKAGES/SHA256SUMS'] : []),
  ];
  return `rsync -rt --chmod=go= ${sources.join(' ')} ${stagedAt(host)}`;
}

function packagesOf(roles: PlanHost['roles']): readonly string[] {
  return [
    ...(roles.includes('proxy') ? ['sallyport-dmz-proxy'] : []),
    ...(roles.includes('gateway') ? ['sallyport-gateway'] : []),
  ];
}

/** Each host's own rules, packages and bundles; nothing is started yet. */
export function hostSteps(plan: NetworkPlan, site: ChecklistSite): readonly string[] {
  return ownHosts(plan).flatMap(({ name, nodes, roles }) => [
    `${name}: with a console open, for it lets in SSH from the administration’s networks alone: \`nft -c -f nftables.conf && install -m 0600 nftables.conf /etc/nftables.conf && systemctl enable nftables && systemctl restart nftables\`. An SSH session over which this is given hangs at its end, since the rules know no connection that began before them: log in anew. Rules of its own, if the host has any, are lost: put them into that file as well.`,
    ...packagesOf(roles).map(
      (each) =>
        `${name}: \`sha256sum --check --ignore-missing SHA256SUMS && apt-get install ./${each}_*.deb\`.`,
    ),
    ...nodes.map((node) => {
      const program = programOf(site, node);
      return `${name}: \`${program.package}-bundle ${node} ${STAGE}/${node} && rm -r ${STAGE}/${node}\`. A later bundle the same way; \`${program.package}-bundle --back ${node}\` puts the former one back. Without packages: \`docs/operations.md\`.`;
    }),
    ...(site.lowPortHosts.includes(name)
      ? [
          `${name}: a port below 1024: \`install -m 0644 sysctl.conf ${LOW_PORTS} && systemctl restart systemd-sysctl\`.`,
        ]
      : []),
  ]);
}

function programOf({ proxies }: ChecklistSite, node: string) {
  return proxies.includes(node)
    ? { package: 'sallyport-dmz-proxy', unit: 'sallyport-dmz-proxy' }
    : { package: 'sallyport-gateway', unit: 'sallyport-app-gateway' };
}

/** A program of ours and the host that it runs on. */
export interface Placed {
  readonly host: PlanHost;
  readonly node: string;
}

/** Every program of ours, in the order of hosts. */
export function placedNodes({ hosts }: NetworkPlan): readonly Placed[] {
  return hosts.flatMap((host) => host.nodes.map((node) => ({ host, node })));
}

/** Gateways first: without one no proxy has anything to do. */
export function gatewaySteps(plan: NetworkPlan, site: ChecklistSite): readonly string[] {
  const gateways = placedNodes(plan).filter(({ node }) => !site.proxies.includes(node));
  const [first] = gateways;
  return [
    ...gateways.map(({ host, node }) => `${host.name}: ${start(site, node)}`),
    ...innerServerSteps(plan, gateways),
    ...(first === undefined
      ? []
      : [
          `${first.host.name}: the first operator: \`sallyport operator add NAME --role officer --bundle /etc/sallyport/${first.node}\`.`,
          `Or from here, so that no operator’s key lies on that host: \`ssh -N -L ../${first.node}.sock:/etc/sallyport/${first.node}/run/admin.sock ${shellAt(first.host)}\` in another window, and \`--socket ../${first.node}.sock\` in place of \`--bundle\`, in this command and in those that operators give later.`,
        ]),
  ];
}

/** They are somebody else's, and serve nobody outside until they know where gateways are. */
function innerServerSteps({ flows }: NetworkPlan, gateways: readonly Placed[]): readonly string[] {
  const ours = new Set(gateways.map(({ host }) => host.name));
  const inwards = flows.filter(
    ({ kind, to }) => kind === 'signalling-inside' && ours.has(to.host ?? ''),
  );
  return [...new Set(inwards.map(({ from }) => from.host ?? from.networks.join(', ')))].map(
    (name) => {
      const own = inwards.filter(({ from }) => (from.host ?? from.networks.join(', ')) === name);
      const places = own.flatMap(({ to, ports }) =>
        to.networks.map((address) => `${address} port ${ports.first}`),
      );
      const which = places.length > 1 ? ', to whichever answers OPTIONS' : '';
      return `${name}: sends what is for partners over TLS to ${[...new Set(places)].join(' and ')}${which}, and shows a certificate of the authority in \`communities\`.`;
    },
  );
}

function start(site: ChecklistSite, node: string): string {
  const unit = `${programOf(site, node).unit}@${node}`;
  return `\`systemctl enable --now ${unit}\`; \`systemctl status ${unit}\` says active.`;
}

/** A proxy's key, where its bundle brings none, and its start. */
export function proxySteps(plan: NetworkPlan, site: ChecklistSite): readonly string[] {
  const gateway = placedNodes(plan).find(({ node }) => !site.proxies.includes(node));
  return placedNodes(plan)
    .filter(({ node }) => site.proxies.includes(node))
    .flatMap((proxy) => [
      ...(site.withKeys || gateway === undefined ? [] : enrolment(proxy, gateway)),
      `${proxy.host.name}: ${start(site, proxy.node)}`,
    ]);
}

/** The key never leaves its host; what is compared by telephone binds the request to it. */
function enrolment({ host, node }: Placed, gateway: Placed): readonly string[] {
  const isSame = host.name === gateway.host.name;
  return [
    `${host.name}: \`sallyport-dmz-proxy request --bundle /etc/sallyport/${node} > ${node}.csr\`, and read the fingerprint out by telephone to whoever gives the next command.`,
    ...(isSame
      ? []
      : [`here: \`scp -3 ${stagedAt(host, `${node}.csr`)} ${stagedAt(gateway.host)}\`.`]),
    `${gateway.host.name}: \`sallyport node approve ${node}.csr --node ${node} --role proxy --fingerprint "TEXT" --bundle /etc/sallyport/${gateway.node}\`.`,
    ...(isSame
      ? []
      : [`here: \`scp -3 ${stagedAt(gateway.host, `${node}.crt`)} ${stagedAt(host)}\`.`]),
    `${host.name}: \`sallyport-dmz-proxy install ${node}.crt --bundle /etc/sallyport/${node}\`.`,
  ];
}

/** The command line as it is called there: of the gateway's package, or the copy. */
export function commandOn({ roles }: PlanHost): string {
  return roles.includes('gateway') ? 'sallyport' : './sallyport';
}
