import type { SettingPath } from '../config/site-problem.ts';
import type {
  FlowEnd,
  HostRole,
  PlanFlow,
  PlanHost,
  PlanSocket,
  Protocol,
  ZoneName,
} from './network-plan.ts';
import { familyOf, isLoopback, spelt, type ZoneMap } from './zone-map.ts';

/** Something that keeps a site from being planned, or that its operator should know. */
export interface PlanFinding {
  readonly severity: 'error' | 'warning';
  readonly path: SettingPath;
  readonly message: string;
}

/** What makes a plan impossible or unsafe, at a setting. */
export function planError(path: SettingPath, message: string): PlanFinding {
  return { severity: 'error', path, message };
}

/** A host of the inventory, before its roles are known. */
export interface NamedHost {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly names: readonly string[];
  readonly nodes: readonly string[];
}

/** A flow without what follows from the rest of it. */
export interface NewFlow extends Omit<PlanFlow, 'id' | 'ports' | 'isLongLived'> {
  readonly port: number;
  /** Absent: `port` alone. */
  readonly lastPort?: number;
  readonly isLongLived?: boolean;
  /** Setting that asks for it: where a problem with it is reported. */
  readonly path: SettingPath;
}

/**
 * A plan while it is made: hosts gain roles, sockets and flows are added, and everything wrong is collected so
 * that all of it can be told at once.
 */
export class PlanDraft {
  readonly findings: PlanFinding[] = [];
  readonly sockets: PlanSocket[] = [];
  readonly zones: ZoneMap;
  readonly #hosts = new Map<string, PlanHost>();
  readonly #flows = new Map<string, PlanFlow>();
  readonly #inventory: readonly NamedHost[];

  constructor(zones: ZoneMap, inventory: readonly NamedHost[]) {
    this.zones = zones;
    this.#inventory = inventory;
  }

  get hosts(): readonly PlanHost[] {
    return [...this.#hosts.values()];
  }

  get flows(): readonly PlanFlow[] {
    return [...this.#flows.values()];
  }

  /** What UDP and TCP, or two hosts, ask for alike is wrong once. */
  error(path: SettingPath, message: string): void {
    const isSaid = this.findings.some(
      (said) => said.message === message && said.path.join() === path.join(),
    );
    if (!isSaid) this.findings.push(planError(path, message));
  }

  warning(path: SettingPath, message: string): void {
    this.findings.push({ severity: 'warning', path, message });
  }

  /** Adds a host, or a role to one that is there. */
  host(named: Omit<NamedHost, 'names'>, role: HostRole | undefined): PlanHost {
    const known = this.#hosts.get(named.name);
    const addresses = named.addresses.map(spelt);
    const host: PlanHost = {
      name: named.name,
      zone: known?.zone ?? this.zones.zoneOf(addresses[0] ?? ''),
      addresses,
      nodes: named.nodes,
      roles: [...new Set([...(known?.roles ?? []), ...(role === undefined ? [] : [role])])],
    };
    this.#hosts.set(named.name, host);
    return host;
  }

  /** Host on which a node of ours runs; undefined was reported before. */
  hostOfNode(node: string): PlanHost | undefined {
    return this.hosts.find(({ nodes }) => nodes.includes(node));
  }

  /** Host that the site file names by address or DNS name; one that no inventory lists is added under a name made of its role. */
  hostAt(text: string, role: HostRole, path: SettingPath): PlanHost | undefined {
    const asked = spelt(text);
    const listed = this.#inventory.find(
      ({ addresses, names }) => addresses.map(spelt).includes(asked) || names.includes(asked),
    );
    if (listed !== undefined) return this.host(listed, role);
    if (!/^[0-9a-f.]*[.:][0-9a-f.:]*$/.test(asked) || /[g-z]/.test(asked)) {
      this.error(
        path,
        `${text} is a name, and a firewall needs addresses: list the host under network.hosts with "names: [${text}]"`,
      );
      return undefined;
    }
    // Named by address twice, for two roles: one host all the same.
    const known = this.hosts.find(({ addresses }) => addresses.includes(asked));
    if (known !== undefined) return this.host(known, role);
    return this.host(
      { name: `${role}-${asked.replaceAll(/[.:]+/g, '-')}`, addresses: [asked], nodes: [] },
      role,
    );
  }

  /** The host's one address for a DNS name that the inventory gives it. */
  addressNamed(host: PlanHost, name: string): string | undefined {
    const listed = this.#inventory.find((each) => each.name === host.name);
    if (listed?.names.includes(name) !== true) return undefined;
    return host.addresses[0];
  }

  /** Adds a place where a host listens. */
  socket(
    host: PlanHost,
    address: string,
    port: number,
    purpose: string,
    protocol: Protocol = 'tcp',
  ) {
    for (const bound of boundAddresses(host, address)) {
      const isThere = this.sockets.some(
        (other) =>
          other.host === host.name &&
          other.address === bound &&
          other.port === port &&
          other.protocol === protocol,
      );
      if (!isThere) this.sockets.push({ host: host.name, address: bound, protocol, port, purpose });
    }
  }

  /** Adds a flow; the same conversation asked for twice is one flow. */
  flow({ port, lastPort, path, isLongLived, ...flow }: NewFlow): void {
    const families = new Set(flow.from.networks.map(familyOf));
    if (!flow.to.networks.some((network) => families.has(familyOf(network)))) {
      this.error(
        path,
        `${placeOf(flow.from)} and ${placeOf(flow.to)} have no address of the same family (IPv4, IPv6), so ${flow.purpose} cannot be`,
      );
      return;
    }
    const ports = { first: port, last: lastPort ?? port };
    const portText = ports.first === ports.last ? `${port}` : `${ports.first}-${ports.last}`;
    const via = flow.via === undefined ? '' : `@${flow.via}`;
    const named = `${nameOf(flow.from)}>${nameOf(flow.to)}${via}:${flow.protocol}/${portText}`;
    for (let count = 1; ; count += 1) {
      const id = count === 1 ? named : `${named}#${count}`;
      const known = this.#flows.get(id);
      const joined = known === undefined ? flow : joinedFlow(known, flow);
      if (joined === undefined) continue;
      this.#flows.set(id, { id, ...joined, ports, isLongLived: isLongLived ?? false });
      return;
    }
  }
}

type FlowSides = Omit<PlanFlow, 'id' | 'ports' | 'isLongLived'>;

/** Two flows as one, where that allows nothing that neither of them allowed. */
function joinedFlow(known: FlowSides, added: FlowSides): FlowSides | undefined {
  const isSame = (end: 'from' | 'to') => known[end].networks.join() === added[end].networks.join();
  if (!isSame('from') && !isSame('to')) return undefined;
  if (known.kind !== added.kind) return undefined;
  // Another public address, or another rate, is another rule.
  if (known.nat?.address !== added.nat?.address || known.nat?.port !== added.nat?.port)
    return undefined;
  if (known.newPerSourcePerSecond !== added.newPerSourcePerSecond) return undefined;
  const end = (which: 'from' | 'to'): FlowEnd => ({
    ...known[which],
    networks: [...new Set([...known[which].networks, ...added[which].networks])],
  });
  const purposes = known.purpose.split('; ');
  const purpose = purposes.includes(added.purpose)
    ? known.purpose
    : [...purposes, added.purpose].join('; ');
  return { ...known, purpose, from: end('from'), to: end('to') };
}

/** A host as one side of a flow, with all of its addresses or the given ones. */
export function hostEnd(host: PlanHost, addresses = host.addresses): FlowEnd {
  return { zone: host.zone, host: host.name, networks: addresses };
}

/**
 * Whether a proxy or a balancer may be let to a server: not to one further inside, for whoever takes the host
 * would find that way open. Reports it where not.
 */
export function isOutside(
  draft: PlanDraft,
  host: PlanHost,
  server: PlanHost,
  purpose: string,
  path: SettingPath,
): boolean {
  if (host.roles.includes('gateway') || !draft.zones.isInwards(host.zone, server.zone)) return true;
  draft.error(
    path,
    `${host.name} in ${host.zone} would reach ${server.name} in ${server.zone} for ${purpose}: who takes the one finds a way inside; name a server in ${host.zone} or outside of it`,
  );
  return false;
}

/** Why a partner's listener is reached. */
export const PARTNERS = 'partners connect (SIP over TLS)';

/** Whoever is in the internet. */
export const ANYONE: FlowEnd = { zone: 'internet', networks: ['0.0.0.0/0', '::/0'] };

/** Networks of a zone as one side of a flow. */
export function networksEnd(zone: ZoneName, networks: readonly string[]): FlowEnd {
  return { zone, networks };
}

/** Addresses that a socket bound there answers on: `0.0.0.0` means the host's IPv4 ones, `::` all of them. */
export function boundAddresses(host: PlanHost, bind: string): readonly string[] {
  const address = spelt(bind);
  if (address === '0.0.0.0') return host.addresses.filter((each) => familyOf(each) === 4);
  if (address === '::') return host.addresses;
  return [address];
}

/** Those of them that other hosts can reach. */
export function reachableAddresses(host: PlanHost, bind: string): readonly string[] {
  return boundAddresses(host, bind).filter((address) => !isLoopback(address));
}

/** With the addresses that the flow would have: a host may have others, which are not meant. */
function placeOf(end: FlowEnd): string {
  return end.host === undefined ? nameOf(end) : `${end.host} (${end.networks.join(', ')})`;
}

function nameOf(end: FlowEnd): string {
  if (end.host !== undefined) return end.host;
  return end.zone === 'internet' && end.networks.includes('0.0.0.0/0') ? 'internet' : end.zone;
}
