import type { PartnerSettings } from '../../../config/partner-schema.ts';
import { type ExchangeRefusal, refusalOf } from '../exchange-refusal.ts';

/** A partner as far as names go; severed ones and those switched off keep theirs. */
export interface NameOwner {
  readonly id: string;
  readonly settings: Pick<PartnerSettings, 'domains' | 'delegations'>;
}

/**
 * Finds a name that two would own: two partners, or a partner and we.
 *
 * Who a sender is, is decided by the names in its certificate. The domains of a partner and the
 * certificates that speak for it by delegation are therefore one company's alone: a hosting company that
 * serves two partners needs a certificate for each.
 */
export function overlappingDomains(
  partner: NameOwner,
  others: readonly NameOwner[],
  ownDomains: readonly string[],
): ExchangeRefusal | undefined {
  const owners = new Map<string, string>();
  for (const other of others) {
    if (other.id === partner.id) continue;
    for (const name of namesOf(other)) owners.set(name, other.id);
  }
  for (const name of ownDomains) owners.set(comparable(name), 'ourselves');
  for (const domain of namesOf(partner)) {
    const owner = owners.get(domain);
    if (owner !== undefined) {
      return refusalOf('domains-overlap', { domain, owner, claimant: partner.id });
    }
  }
  return foreignDelegation(partner);
}

/** Delegated are domains of the partner itself: one cannot give away what belongs to others. */
function foreignDelegation({ id, settings }: NameOwner): ExchangeRefusal | undefined {
  const own = new Set(settings.domains.map(comparable));
  for (const { certificate, domains } of settings.delegations) {
    const domain = domains.find((name) => !own.has(comparable(name)));
    if (domain !== undefined) {
      return refusalOf('delegation-not-own', { partner: id, domain, certificate });
    }
  }
  return undefined;
}

function namesOf({ settings }: NameOwner): ReadonlySet<string> {
  const delegates = settings.delegations.map(({ certificate }) => certificate);
  return new Set([...settings.domains, ...delegates].map(comparable));
}

function comparable(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
