import { ok, type Result } from '@sallyport/shared/result.ts';
import type { PartnerSettings } from '../../../config/partner-schema.ts';
import type { Actor } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import { vouchesForAnyName } from '../trust/vouched-names.ts';
import type { PartnerRecord } from './partner-record.ts';

/** A setting that lets somebody in by no key that two people heard. */
type Opening = 'plainTcp' | 'sourceNetworks' | 'domains' | 'endpoints' | 'delegations';

/**
 * Leaves it to officers to say who is let in without a key that two people heard: whoever is in a network of a partner with
 * plain TCP, whoever shows a certificate for another name than the partner's, and, where a set of the partner vouches for
 * any name, whoever it vouches for under another domain.
 *
 * Only what was not so before counts: an operator may narrow all of it.
 */
export function checkOpenings(
  before: Pick<PartnerRecord, 'id' | 'settings' | 'trustSets'> | undefined,
  after: PartnerSettings,
  { name, role }: Actor,
): Result<undefined, ExchangeRefusal> {
  if (role === 'officer') return ok(undefined);
  const setting = openedBy(before?.settings, after);
  if (setting !== undefined) return refuse('officer-opens', { setting, operator: name, role });
  if (before === undefined) return ok(undefined);
  const { id: partner, settings } = before;
  const domains = moreOf(after.domains, settings.domains);
  const set = domains.length === 0 ? undefined : before.trustSets.findLast(vouchesForAnyName)?.id;
  if (set === undefined) return ok(undefined);
  return refuse('officer-adds-domains', { partner, set, domains, operator: name, role });
}

function openedBy(
  before: PartnerSettings | undefined,
  after: PartnerSettings,
): Opening | undefined {
  if (isMore(delegated(after), delegated(before))) return 'delegations';
  if (!after.plainTcp) return undefined;
  if (before?.plainTcp !== true) return 'plainTcp';
  if (isMore(after.sourceNetworks, before.sourceNetworks)) return 'sourceNetworks';
  if (isMore(after.domains, before.domains)) return 'domains';
  return isMore(servers(after), servers(before)) ? 'endpoints' : undefined;
}

function delegated(settings: PartnerSettings | undefined): readonly string[] {
  return (settings?.delegations ?? []).flatMap(({ certificate, domains }) =>
    domains.map((domain) => `${certificate} ${domain}`),
  );
}

/** Whoever answers there without TLS is believed to be the partner. */
function servers({ endpoints }: PartnerSettings): readonly string[] {
  return endpoints.filter(({ transport }) => transport === 'tcp').map(({ host }) => host);
}

function isMore(after: readonly string[], before: readonly string[]): boolean {
  return moreOf(after, before).length > 0;
}

function moreOf(after: readonly string[], before: readonly string[]): readonly string[] {
  return after.filter((one) => !before.includes(one));
}
