import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type {
  FlowEnd,
  NetworkPlan,
  PlanFlow,
  PlanHost,
  PlanSocket,
  ZoneName,
} from './network-plan.ts';
import { familyOf, isLoopback, ZoneMap } from './zone-map.ts';

/** Who tries to connect: a host of the plan by one of its addresses, or somebody of a zone. */
export interface Caller {
  readonly zone: ZoneName;
  /** Absent: somebody without an address that a flow could name. */
  readonly address?: string;
}

/** What the plan says of a connection. */
export type Verdict =
  | {
      readonly kind: 'allowed';
      readonly flow: PlanFlow;
      /** What the caller dials: the socket, or the address that a firewall translates to it. */
      readonly dial: { readonly address: string; readonly port: number };
    }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'same-host' }
  /** Neighbours of which neither is a host of ours: no rule of the plan stands between them. */
  | { readonly kind: 'unguarded' };

/** Answers for a plan who may connect to what: what no flow allows is forbidden. */
export class PlanVerdicts {
  readonly #plan: NetworkPlan;
  readonly #zones: ZoneMap;

  constructor(plan: NetworkPlan) {
    this.#plan = plan;
    this.#zones = new ZoneMap(plan.zones);
  }

  /** Sockets that others than their own host could try, each address once. */
  get targets(): readonly PlanSocket[] {
    return this.#plan.sockets.filter(({ address }) => !isLoopback(address));
  }

  /** The caller at an address of the plan's zones, or of the internet. */
  callerAt(address: string): Caller {
    return { zone: this.#zones.zoneOf(address), address };
  }

  of(caller: Caller, socket: PlanSocket): Verdict {
    const target = this.#plan.hosts.find(({ name }) => name === socket.host);
    const from = this.#plan.hosts.find(({ addresses }) => addresses.includes(caller.address ?? ''));
    if (from !== undefined && from === target) return { kind: 'same-host' };
    const flow = this.#plan.flows.find(
      (each) =>
        each.via === undefined &&
        each.protocol === socket.protocol &&
        each.ports.first <= socket.port &&
        socket.port <= each.ports.last &&
        this.#holds(each.to, socket.address) &&
        this.#isOf(each.from, caller) &&
        (caller.address === undefined || familyOf(caller.address) === familyOf(socket.address)),
    );
    if (flow !== undefined) {
      const { address, port } = flow.nat ?? socket;
      return { kind: 'allowed', flow, dial: { address, port } };
    }
    const isGuarded = caller.zone !== target?.zone || isOurs(target) || isOurs(from);
    return { kind: isGuarded ? 'forbidden' : 'unguarded' };
  }

  #isOf(from: FlowEnd, caller: Caller): boolean {
    if (from.zone !== caller.zone) return false;
    if (caller.address !== undefined) return this.#holds(from, caller.address);
    return from.host === undefined && from.networks.some((network) => network.endsWith('/0'));
  }

  /** The internet is every address that is of no zone, whatever its networks seem to say. */
  #holds({ zone, networks }: FlowEnd, address: string): boolean {
    const set = NetworkSet.parse(networks);
    return set.ok && set.value.contains(address) && this.#zones.zoneOf(address) === zone;
  }
}

/** Hosts whose own packet filter the plan writes: those of our programs, and balancers. */
export function isOurs(host: PlanHost | undefined): boolean {
  return host !== undefined && (host.nodes.length > 0 || host.roles.includes('balancer'));
}
