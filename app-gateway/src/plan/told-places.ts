import { type PlacedSite, type PublicPlace, placeOf } from '../config/public-places.ts';
import type { NetworkPlan, PlanFlow } from './network-plan.ts';

/** A listener as partners are told of it, and what leads to it. */
export interface ToldListener {
  /** Which of the site file's it is. */
  readonly proxy: number;
  readonly listen: number;
  readonly place: PublicPlace;
  /** Flows from partners to it, or to a balancer in front of it; empty: nobody outside reaches it. */
  readonly flows: readonly PlanFlow[];
}

/** What of a site file this needs. */
export type ToldSite = Pick<PlacedSite, 'public'> & {
  readonly proxies: readonly (PlacedSite['proxies'][number] & { readonly node: string })[];
};

/** Every listener with what partners are told of it and how they reach it. */
export function toldListeners(
  site: ToldSite,
  plan: Pick<NetworkPlan, 'hosts' | 'flows' | 'balancers'>,
): readonly ToldListener[] {
  return site.proxies.flatMap(({ node, listen: own }, proxy) => {
    const host = plan.hosts.find(({ nodes }) => nodes.includes(node))?.name;
    return own.map((listener, listen) => ({
      proxy,
      listen,
      place: placeOf(site, listener),
      flows: host === undefined ? [] : flowsTo(plan, host, listener.port),
    }));
  });
}

/** Addresses that partners dial to come in by a flow. */
export function dialledAddresses({ nat, to }: PlanFlow): readonly string[] {
  return nat === undefined ? to.networks : [nat.address];
}

/** The port that they dial. */
export function dialledPort({ nat, ports }: PlanFlow): number {
  return nat?.port ?? ports.first;
}

function flowsTo(
  { flows, balancers }: Pick<NetworkPlan, 'flows' | 'balancers'>,
  host: string,
  port: number,
): readonly PlanFlow[] {
  const before = balancers.filter(({ targets }) =>
    targets.some((target) => target.host === host && target.port === port),
  );
  const ends = [
    { host, port },
    ...before.map((balancer) => ({ host: balancer.host, port: balancer.listen.port })),
  ];
  return flows.filter(
    ({ kind, via, to, ports }) =>
      (kind === 'partners' || kind === 'partners-plain') &&
      via === undefined &&
      ends.some((end) => end.host === to.host && end.port === ports.first),
  );
}
