import {
  INNER_SERVICES,
  OUTER_SERVICES,
  PRESET_NETWORKS,
  type PresetHost,
  SIP_SERVER,
  type SitePreset,
} from './site-preset.ts';

const TLS_PORT = 5061;
const CHANNEL_PORT = 7443;
const WORKERS = 2;

/** The parts of `site.yaml` in which a preset differs from a site on one machine. */
export interface PresetSections {
  readonly nameservers: string;
  readonly proxies: string;
  readonly gateways: string;
  readonly database: string;
  /** Hosts of the one community. */
  readonly communityHosts: string;
  readonly network: string;
}

/** Name of the inner SIP server in its certificate; the gateway dials its address. */
export function sipServerName(domain: string): string {
  return `${SIP_SERVER.host}.inner.${domain}`;
}

/** Name of the database server in its certificate. */
export function databaseName({ host }: PresetHost, domain: string): string {
  return `${host}.inner.${domain}`;
}

/** A preset as the operator will edit it. */
export function presetSections(preset: SitePreset, domain: string): PresetSections {
  return {
    nameservers: `[${OUTER_SERVICES.v4}, "${OUTER_SERVICES.v6}"]`,
    proxies: preset.proxies.map((proxy) => proxyYaml(preset, proxy)).join('\n'),
    gateways: preset.gateways
      .map(
        ({ node, v4 }) => `  - node: ${node}
    # Where the communities' servers reach this gateway, and the host name or address it gives them.
    inner: { host: ${v4}, port: 5071, advertise: ${v4} }
    health: { host: ${v4}, port: 8082 }`,
      )
      .join('\n'),
    database: databaseYaml(preset, domain),
    communityHosts: `      - { host: ${SIP_SERVER.v4}, port: ${TLS_PORT}, serverName: ${sipServerName(domain)} }`,
    network: networkYaml(preset, domain),
  };
}

/** IPv4 comes through the balancer where there is one; IPv6 reaches the proxies as it is, by its own DNS records. */
function proxyYaml({ balancer, layout }: SitePreset, proxy: SitePreset['proxies'][number]): string {
  const { node, v4, v6 } = proxy;
  const header = balancer === undefined ? '[]' : `[${balancer.v4}]`;
  const channel = layout === 'standalone' ? '127.0.0.1' : v4;
  return `  - node: ${node}
    # proxyProtocolFrom: addresses of load balancers that send a PROXY protocol header; from these it is demanded.
    listen:
      - { host: ${v4}, port: ${TLS_PORT}, proxyProtocolFrom: ${header} }
      - { host: "${v6}", port: ${TLS_PORT} }
    health: { host: ${v4}, port: 8081 }
    # Where gateways dial this proxy: its inner address. Each worker takes one port, counted up from here.
    channel: { host: ${channel}, port: ${CHANNEL_PORT} }
    workers: ${WORKERS}`;
}

function databaseYaml({ database }: SitePreset, domain: string): string {
  if (database === undefined) return '{ kind: embedded }';
  return `
  kind: postgresql
  host: ${database.v4}
  serverName: ${databaseName(database, domain)}
  passwordFile: database/password
  ca: database/ca.crt`;
}

function networkYaml(preset: SitePreset, domain: string): string {
  const { layout, balancer } = preset;
  const isDual = layout === 'dual-dmz';
  const zones = [
    { zone: isDual ? 'outer-dmz' : 'dmz', networks: PRESET_NETWORKS.outer },
    ...(isDual ? [{ zone: 'inner-dmz', networks: PRESET_NETWORKS.inner }] : []),
    { zone: 'intranet', networks: PRESET_NETWORKS.intranet },
  ];
  const row = ['internet', ...zones.map(({ zone }) => zone)];
  const firewalls = row.slice(1).map((zone, at) => {
    const before = row[at] ?? '';
    return `    - { name: fw-${at + 1}, joins: [${before}, ${zone}], interfaces: { ${before}: eth0, ${zone}: eth1 } }`;
  });
  return `
# The networks around the site, for "sallyport plan": firewall rules, port matrix, diagram, checklist.
network:
  # Addresses here are made for documentation (RFC 5737, RFC 3849): put yours in their place.
  zones:
${zones.map(({ zone, networks }) => `    - { zone: ${zone}, networks: [${networks.map(quoted).join(', ')}] }`).join('\n')}
  # nodes: our programs on it. names: how else this file speaks of it.
  hosts:
${hostsYaml(preset, domain).join('\n')}${balancer === undefined ? '' : `\n${balancerYaml(preset, balancer)}`}
  # Interfaces let a firewall tell forged source addresses.
  firewalls:
${firewalls.join('\n')}
  timeServers: [${OUTER_SERVICES.v4}, ${INNER_SERVICES.v4}]
  # From where hosts are administered (SSH), and from where health and metrics are read.
  administration: { networks: [203.0.113.96/28] }
  monitoring: { networks: [203.0.113.112/28] }
  # Ports at partners that proxies may dial.
  partnerPorts: [${TLS_PORT}]
`;
}

function hostsYaml(preset: SitePreset, domain: string): readonly string[] {
  const { proxies, gateways, database } = preset;
  const nodes = new Map<string, { host: PresetHost; nodes: string[]; names: string[] }>();
  const add = (host: PresetHost, node: string | undefined, name: string | undefined) => {
    const entry = nodes.get(host.host) ?? { host, nodes: [], names: [] };
    if (node !== undefined) entry.nodes.push(node);
    if (name !== undefined) entry.names.push(name);
    nodes.set(host.host, entry);
  };
  for (const { node, ...host } of [...proxies, ...gateways]) add(host, node, undefined);
  if (database !== undefined) add(database, undefined, databaseName(database, domain));
  add(SIP_SERVER, undefined, sipServerName(domain));
  add(OUTER_SERVICES, undefined, undefined);
  add(INNER_SERVICES, undefined, undefined);
  return [...nodes.values()].map(({ host, nodes: own, names }) => {
    const more = [
      ...(own.length === 0 ? [] : [`nodes: [${own.join(', ')}]`]),
      ...(names.length === 0 ? [] : [`names: [${names.join(', ')}]`]),
    ];
    const settings = [`name: ${host.host}`, `addresses: [${host.v4}, "${host.v6}"]`, ...more];
    return `    - { ${settings.join(', ')} }`;
  });
}

function balancerYaml({ proxies }: SitePreset, balancer: PresetHost): string {
  return `  # Shares partners' connections among the proxies, and tells them the partners' addresses.
  balancers:
    - name: ${balancer.host}
      addresses: [${balancer.v4}, "${balancer.v6}"]
      kind: haproxy
      mode: proxy-protocol
      listen: { address: ${balancer.v4}, port: ${TLS_PORT} }
      to: [${proxies.map(({ node }) => node).join(', ')}]`;
}

function quoted(network: string): string {
  return network.includes(':') ? `"${network}"` : network;
}
