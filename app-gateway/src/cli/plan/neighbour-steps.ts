import type { NetworkPlan, PlanFlow } from '../../plan/network-plan.ts';
import { familyOf } from '../../plan/zone-map.ts';

/**
 * What a change asks of hosts that are not ours, and get no file of the plan: the database lets gateways in by address,
 * and the inner servers dial each of them.
 *
 * Nothing where there is no earlier plan: `checklist.md` says it all then.
 */
export function neighbourSteps(
  before: NetworkPlan | undefined,
  after: NetworkPlan,
): readonly string[] {
  if (before === undefined) return [];
  return [
    ...steps(
      before,
      after,
      callersOf,
      (address) => `lets in ${address} (pg_hba.conf, then reload PostgreSQL)`,
    ),
    ...steps(
      after,
      before,
      callersOf,
      (address) => `lets in ${address} no longer (pg_hba.conf, then reload PostgreSQL)`,
    ),
    ...steps(before, after, calledBy, (address) => `dials ${address} as well`),
    ...steps(after, before, calledBy, (address) => `dials ${address} no longer`),
  ];
}

/** A host that is not ours, and an address of one of ours that it must know. */
interface Acquaintance {
  readonly host: string;
  readonly address: string;
}

type Acquaintances = (plan: NetworkPlan) => readonly Acquaintance[];

/** Of a database: the addresses that its gateways come from, of the family in which they reach it. */
const callersOf: Acquaintances = ({ flows }) =>
  of(flows, 'database').flatMap(({ from, to }) =>
    from.networks
      .filter((address) => to.networks.some((place) => familyOf(place) === familyOf(address)))
      .map((address) => ({ host: to.host ?? '', address })),
  );

/** Of an inner server: where it reaches gateways. */
const calledBy: Acquaintances = ({ flows, hosts }) => {
  const ours = new Set(hosts.filter(({ nodes }) => nodes.length > 0).map(({ name }) => name));
  return of(flows, 'signalling-inside')
    .filter(({ to }) => ours.has(to.host ?? ''))
    .flatMap(({ from, to, ports }) =>
      to.networks.map((address) => ({
        host: from.host ?? '',
        address: `${address} port ${ports.first}`,
      })),
    );
};

function of(flows: readonly PlanFlow[], kind: PlanFlow['kind']): readonly PlanFlow[] {
  return flows.filter(
    (flow) => flow.kind === kind && flow.from.host !== undefined && flow.to.host !== undefined,
  );
}

/** For each host what is in the later plan alone. */
function steps(
  earlier: NetworkPlan,
  later: NetworkPlan,
  known: Acquaintances,
  words: (addresses: string) => string,
): readonly string[] {
  const old = new Set(known(earlier).map(({ host, address }) => `${host} ${address}`));
  const fresh = known(later).filter(({ host, address }) => !old.has(`${host} ${address}`));
  return [...new Set(fresh.map(({ host }) => host))].map((name) => {
    const addresses = fresh.filter(({ host }) => host === name).map(({ address }) => address);
    return `host ${name}: ${words([...new Set(addresses)].join(' and '))}`;
  });
}
