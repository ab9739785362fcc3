import type { NetworkPlan, PlanFlow } from './network-plan.ts';
import { ownHosts } from './render/checklist-hosts.ts';
import { firewallRules, hostRules, type PacketRule } from './render/packet-rule.ts';

/** What became of the flows of one host or firewall. */
export interface PlaceChanges {
  readonly kind: 'firewall' | 'host';
  readonly name: string;
  readonly added: readonly PlanFlow[];
  readonly removed: readonly PlanFlow[];
  readonly changed: readonly { readonly before: PlanFlow; readonly after: PlanFlow }[];
}

/** Per firewall and host, which flows one plan has more, less or otherwise than an earlier one; places alike are left out. */
export function planChanges(
  before: NetworkPlan | undefined,
  after: NetworkPlan,
): readonly PlaceChanges[] {
  const old = before === undefined ? new Map<string, Place>() : placesOf(before);
  const fresh = placesOf(after);
  return [...new Set([...fresh.keys(), ...old.keys()])]
    .map((key) => changesOf(old.get(key), fresh.get(key)))
    .flatMap((changes) => changes ?? []);
}

interface Place {
  readonly kind: PlaceChanges['kind'];
  readonly name: string;
  readonly flows: ReadonlyMap<string, PlanFlow>;
}

function placesOf(plan: NetworkPlan): Map<string, Place> {
  const places: Place[] = [
    ...plan.firewalls.map((firewall): Place => {
      return {
        kind: 'firewall',
        name: firewall.name,
        flows: flowsOf(firewallRules(plan, firewall)),
      };
    }),
    ...ownHosts(plan).map((host): Place => {
      const { input, output, forward } = hostRules(plan, host);
      return { kind: 'host', name: host.name, flows: flowsOf([...input, ...output, ...forward]) };
    }),
  ];
  return new Map(places.map((place) => [`${place.kind} ${place.name}`, place]));
}

function flowsOf(rules: readonly PacketRule[]): ReadonlyMap<string, PlanFlow> {
  return new Map(rules.map(({ flow }) => [flow.id, flow]));
}

function changesOf(before: Place | undefined, after: Place | undefined): PlaceChanges | undefined {
  const { kind, name } = after ?? before ?? { kind: 'host', name: '' };
  const [old, fresh] = [before?.flows ?? NO_FLOWS, after?.flows ?? NO_FLOWS];
  const added = [...fresh.values()].filter(({ id }) => !old.has(id));
  const removed = [...old.values()].filter(({ id }) => !fresh.has(id));
  const changed = [...fresh.values()].flatMap((flow) => {
    const earlier = old.get(flow.id);
    if (earlier === undefined || JSON.stringify(earlier) === JSON.stringify(flow)) return [];
    return [{ before: earlier, after: flow }];
  });
  if (added.length + removed.length + changed.length === 0) return undefined;
  return { kind, name, added, removed, changed };
}

const NO_FLOWS: ReadonlyMap<string, PlanFlow> = new Map();
