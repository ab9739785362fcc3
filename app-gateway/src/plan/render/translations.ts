import type { NetworkPlan, PlanFirewall } from '../network-plan.ts';
import { familyOf, isPrivate } from '../zone-map.ts';
import { type Family, firewallRules, ofFamily } from './packet-rule.ts';

/** Packets to a public address that go on to a listener's own. */
export interface TargetTranslation {
  readonly flowId: string;
  readonly family: Family;
  readonly address: string;
  readonly port: number;
  readonly to: { readonly address: string; readonly port: number };
}

/** Packets of a host without a public address, on their way out. */
export interface SourceTranslation {
  readonly family: Family;
  readonly from: readonly string[];
  /** Absent: whatever address the firewall has on the way out. */
  readonly to?: string;
}

/** Everything that a firewall at the internet rewrites. */
export interface Translations {
  readonly targets: readonly TargetTranslation[];
  readonly sources: readonly SourceTranslation[];
}

/**
 * What the plan's public addresses mean on a firewall; nothing on firewalls further in.
 *
 * A host whose listener has a public address goes out with the same one: partners' firewalls know it.
 */
export function translations(plan: NetworkPlan, firewall: PlanFirewall): Translations {
  const rules = firewallRules(plan, firewall);
  const targets = rules.flatMap(({ flow, family, to, isTranslated }): TargetTranslation[] => {
    const { nat } = flow;
    const [address] = to.networks;
    if (!isTranslated || nat === undefined || address === undefined) return [];
    if (familyOf(nat.address) !== family) return [];
    const { first: port } = flow.ports;
    return [{ flowId: flow.id, family, ...nat, to: { address, port } }];
  });
  const sources = new Map<string, SourceTranslation>();
  for (const { flow, family, from, leg } of rules) {
    if (leg?.to !== 'internet') continue;
    const hidden = from.networks.filter(isPrivate);
    if (hidden.length === 0) continue;
    const to = publicAddressOf(plan, flow.from.host, family);
    const key = `${family} ${hidden.join()} ${to ?? ''}`;
    sources.set(key, { family, from: hidden, ...(to === undefined ? {} : { to }) });
  }
  return { targets, sources: [...sources.values()] };
}

function publicAddressOf(
  { flows }: NetworkPlan,
  host: string | undefined,
  family: Family,
): string | undefined {
  if (host === undefined) return undefined;
  const addresses = flows
    .filter(({ to }) => to.host === host)
    .flatMap(({ nat }) => (nat === undefined ? [] : [nat.address]));
  return ofFamily(addresses, family)[0];
}
