import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { FlowEnd, NetworkPlan, PlanFlow, PlanSocket, ZoneName } from './network-plan.ts';
import { familyOf, isLoopback, ZoneMap } from './zone-map.ts';

/** Who tries to connect: a host of the plan by one of its addresses, or somebody of a zone. */
export interface Caller {
  readonly zone: ZoneName;
  /** Absent: somebody without an address that a flow could name. */
  readonly address?: string;
}

/** What the plan says of a connection. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly flow: PlanFlow }
  | { readonly kind: 'forbidden' }
  /** No firewall stands between them: only the hosts' own rules could forbid it. */
  | { readonly kind: 'same-host' };

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
    const host = this.#plan.hosts.find(({ name }) => name === socket.host);
    if (caller.address !== undefined && host?.addresses.includes(caller.address) === true) {
      return { kind: 'same-host' };
    }
    const flow = this.#plan.flows.find(
      (each) =>
        each.via === undefined &&
        each.protocol === socket.protocol &&
        each.ports.first <= socket.port &&
        socket.port <= each.ports.last &&
        holds(each.to, socket.address) &&
        isOf(each.from, caller) &&
        (caller.address === undefined || familyOf(caller.address) === familyOf(socket.address)),
    );
    return flow === undefined ? { kind: 'forbidden' } : { kind: 'allowed', flow };
  }
}

function isOf(from: FlowEnd, caller: Caller): boolean {
  if (from.zone !== caller.zone) return false;
  if (caller.address === undefined) {
    return from.host === undefined && from.networks.some((network) => network.endsWith('/0'));
  }
  return holds(from, caller.address);
}

function holds({ networks }: FlowEnd, address: string): boolean {
  const set = NetworkSet.parse(networks);
  return set.ok && set.value.contains(address);
}
