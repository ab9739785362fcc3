import { pathBetween } from '@sallyport/app-gateway/plan/firewall-paths.ts';
import type {
  NetworkPlan,
  PlanFirewall,
  ZoneName,
} from '@sallyport/app-gateway/plan/network-plan.ts';
import { Namespace } from './namespace.ts';
import { addressFromEnd, isIn, prefixOf } from './network-addresses.ts';

/** Somebody in the internet. */
export interface OuterHost {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** Where the test's internet lies; partners have addresses in it. */
export const INTERNET = ['198.18.0.0/24', '2001:db8:ffff::/64'] as const;

const ANYWHERE = { 4: '0.0.0.0/0', 6: '::/0' } as const;

/** One end of a firewall: an interface in a zone with an address in each of the zone's networks. */
interface Leg {
  readonly zone: ZoneName;
  readonly device: string;
  readonly addresses: readonly string[];
}

/**
 * The zones of a plan as network namespaces: a switch per zone, each host and each firewall a namespace with its
 * addresses and routes. Nothing filters until rules are loaded into it.
 */
export class ZoneNetwork {
  readonly plan: NetworkPlan;
  readonly #prefix: string;
  readonly #networks: ReadonlyMap<ZoneName, readonly string[]>;
  readonly #spaces = new Map<string, Namespace>();
  readonly #legs = new Map<string, readonly Leg[]>();
  readonly #switches: Namespace;
  #ports = 0;

  private constructor(plan: NetworkPlan) {
    this.plan = plan;
    this.#prefix = `sp-${process.pid}`;
    this.#networks = new Map(
      plan.zones.map(({ name, networks }) => [name, name === 'internet' ? INTERNET : networks]),
    );
    this.#switches = Namespace.make(`${this.#prefix}-switches`);
  }

  /** Builds all of it; whatever it built is removed again when that fails. */
  static build(plan: NetworkPlan, outside: readonly OuterHost[]): ZoneNetwork {
    const network = new ZoneNetwork(plan);
    try {
      network.#build(outside);
      return network;
    } catch (fault) {
      network.remove();
      throw fault;
    }
  }

  /** Namespace of a host, a firewall or somebody outside. */
  at(name: string): Namespace {
    const space = this.#spaces.get(name);
    if (space === undefined) throw new Error(`no host ${name} in this network`);
    return space;
  }

  /** One more host in the zone of one of the plan's, which the plan knows as the same. */
  twinOf(name: string, twin: string, addresses: readonly string[]): Namespace {
    const host = this.plan.hosts.find((each) => each.name === name);
    if (host === undefined) throw new Error(`no host ${name} in this network`);
    this.#addHost(twin, host.zone, addresses);
    return this.at(twin);
  }

  remove(): void {
    for (const space of [...this.#spaces.values(), this.#switches]) space.remove();
    this.#spaces.clear();
  }

  #build(outside: readonly OuterHost[]): void {
    const { plan } = this;
    this.#switches.network(
      plan.zones.flatMap(({ name }) => [
        `link add ${bridgeOf(name)} type bridge`,
        `link set ${bridgeOf(name)} up`,
      ]),
    );
    for (const [at, firewall] of plan.firewalls.entries()) this.#addFirewall(firewall, at);
    for (const { name, zone, addresses } of plan.hosts) {
      if (zone !== 'internet') this.#addHost(name, zone, addresses);
    }
    for (const { name, addresses } of outside) this.#addHost(name, 'internet', addresses);
    for (const firewall of plan.firewalls) this.#routeFirewall(firewall);
    this.#routeThroughBalancers();
  }

  #addFirewall(firewall: PlanFirewall, at: number): void {
    const space = this.#space(firewall.name);
    space.system({ 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' });
    const legs = firewall.joins.map((zone, index): Leg => {
      const device = firewall.interfaces[zone] ?? `leg${index}`;
      this.#plug(space, zone, device);
      const addresses = (this.#networks.get(zone) ?? []).map((range) => addressFromEnd(range, at));
      return { zone, device, addresses };
    });
    // What partners dial is the firewall's own: they look for it on their own wire.
    const translated = this.plan.flows.flatMap(({ nat }) =>
      nat === undefined ? [] : [nat.address],
    );
    space.network(
      legs.flatMap(({ zone, device, addresses }) => [
        ...addresses.map((address) => `addr add ${address} dev ${device}${quietly(address)}`),
        ...(zone === 'internet' ? [...new Set(translated)] : []).map(
          (address) => `addr add ${address}${prefixOf(address)} dev ${device}${quietly(address)}`,
        ),
        `link set ${device} up`,
      ]),
    );
    this.#legs.set(firewall.name, legs);
  }

  #addHost(name: string, zone: ZoneName, addresses: readonly string[]): void {
    const space = this.#space(name);
    this.#plug(space, zone, 'eth0');
    const ranges = this.#networks.get(zone) ?? [];
    space.network([
      ...addresses.map((address) => {
        const range = ranges.find((each) => isIn(each, address));
        if (range === undefined) throw new Error(`${name}: ${address} is in no network of ${zone}`);
        return `addr add ${address}${prefixOf(range)} dev eth0${quietly(address)}`;
      }),
      'link set eth0 up',
      ...(zone === 'internet' ? this.#routesToUs() : []),
      // One wire for all networks of a zone.
      ...ranges
        .filter((range) => !addresses.some((address) => isIn(range, address)))
        .filter((range) => addresses.some((own) => own.includes(':') === range.includes(':')))
        .map((range) => `route add ${range} dev eth0`),
      ...this.#routesFrom(zone, addresses),
    ]);
  }

  /** Addresses that are translated lie in networks that nobody here has. */
  #routesToUs(): readonly string[] {
    const legs = [...this.#legs.values()].flat().filter(({ zone }) => zone === 'internet');
    return (legs[0]?.addresses ?? []).map(
      (address) => `route add ${ANYWHERE[address.includes(':') ? 6 : 4]} via ${bare(address)}`,
    );
  }

  #routeFirewall({ name, joins }: PlanFirewall): void {
    const legs = this.#legs.get(name) ?? [];
    const lines = joins.flatMap((zone) => {
      const own = legs.find((leg) => leg.zone === zone);
      const others = this.plan.firewalls.filter((other) => other.name !== name);
      return this.#routesFrom(zone, own?.addresses ?? [], others, joins);
    });
    this.at(name).network(lines);
  }

  /** As the checklist says: behind a balancer that passes packets through, the way to the internet leads through it. */
  #routeThroughBalancers(): void {
    const through = this.plan.balancers.filter(({ mode }) => mode === 'pass-through');
    for (const { listen, targets } of through) {
      const range = ANYWHERE[listen.address.includes(':') ? 6 : 4];
      for (const { host } of targets) {
        this.at(host).network([`route replace ${range} via ${listen.address}`]);
      }
    }
  }

  /** Routes to every zone that is reached over a firewall of this one; the internet is everything else. */
  #routesFrom(
    zone: ZoneName,
    addresses: readonly string[],
    firewalls: readonly PlanFirewall[] = this.plan.firewalls,
    known: readonly ZoneName[] = [zone],
  ): readonly string[] {
    return this.plan.zones.flatMap(({ name: target }) => {
      if (known.includes(target)) return [];
      const [step] = pathBetween(firewalls, zone, target) ?? [];
      const leg = this.#legs.get(step?.firewall ?? '')?.find((each) => each.zone === zone);
      if (leg === undefined) return [];
      const ranges = target === 'internet' ? Object.values(ANYWHERE) : this.#networks.get(target);
      // The way out begins at a host's first address, the way in at its last.
      const own = target === 'internet' ? addresses : addresses.toReversed();
      return (ranges ?? []).flatMap((range) => {
        const via = own
          .filter((address) => address.includes(':') === range.includes(':'))
          .map((address) => this.#neighbour(zone, leg, address))
          .find((hop) => hop !== undefined);
        return via === undefined ? [] : [`route add ${range} via ${via}`];
      });
    });
  }

  /** The leg's address in the network of one of ours. */
  #neighbour(zone: ZoneName, leg: Leg, address: string): string | undefined {
    const range = this.#networks.get(zone)?.find((each) => isIn(each, bare(address)));
    return leg.addresses.map(bare).find((hop) => range !== undefined && isIn(range, hop));
  }

  #plug(space: Namespace, zone: ZoneName, device: string): void {
    this.#ports += 1;
    const port = `port${this.#ports}`;
    space.network([`link add ${device} type veth peer name ${port} netns ${this.#switches.name}`]);
    this.#switches.network([`link set ${port} master ${bridgeOf(zone)}`, `link set ${port} up`]);
  }

  #space(name: string): Namespace {
    const space = Namespace.make(`${this.#prefix}-${name}`);
    this.#spaces.set(name, space);
    return space;
  }
}

function bridgeOf(zone: ZoneName): string {
  return `br-${zone}`;
}

function bare(address: string): string {
  return address.split('/')[0] ?? address;
}

function quietly(address: string): string {
  return address.includes(':') ? ' nodad' : '';
}
