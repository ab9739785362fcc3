import { ok, type Result } from '@sallyport/shared/result.ts';
import type { PartnerSettings } from '../../../config/partner-schema.ts';
import type { Actor } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';

/** A setting that lets somebody in by no key that two people heard. */
type Opening = 'plainTcp' | 'sourceNetworks' | 'domains' | 'delegations';

/**
 * Leaves it to officers to say who is let in without a key that two people heard: whoever is in a network of a partner with
 * plain TCP, and whoever shows a certificate for another name than the partner's.
 *
 * Only what was not so before counts: an operator may narrow all of it.
 */
export function checkOpenings(
  before: PartnerSettings | undefined,
  after: PartnerSettings,
  { name, role }: Actor,
): Result<undefined, ExchangeRefusal> {
  const setting = role === 'officer' ? undefined : openedBy(before, after);
  if (setting === undefined) return ok(undefined);
  return refuse('officer-opens', { setting, operator: name, role });
}

function openedBy(
  before: PartnerSettings | undefined,
  after: PartnerSettings,
): Opening | undefined {
  if (isMore(delegated(after), delegated(before))) return 'delegations';
  if (!after.plainTcp) return undefined;
  if (before?.plainTcp !== true) return 'plainTcp';
  if (isMore(after.sourceNetworks, before.sourceNetworks)) return 'sourceNetworks';
  return isMore(after.domains, before.domains) ? 'domains' : undefined;
}

function delegated(settings: PartnerSettings | undefined): readonly string[] {
  return (settings?.delegations ?? []).flatMap(({ certificate, domains }) =>
    domains.map((domain) => `${certificate} ${domain}`),
  );
}

function isMore(after: readonly string[], before: readonly string[]): boolean {
  return after.some((one) => !before.includes(one));
}
