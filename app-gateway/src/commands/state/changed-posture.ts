import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { Site } from '../../config/site.ts';
import { isAccepted } from '../../config/trust-state.ts';
import { currentKey } from '../../domain/exchange/identity/identity-keys.ts';
import type { IdentityRecord } from '../../domain/exchange/identity/identity-record.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import type { State, StateChange } from '../../ports/state-store.ts';
import { findingsBelow } from '../../posture/posture.ts';
import type { JudgedSite } from '../../posture/posture-rule.ts';
import { belowText } from '../../posture/required-posture.ts';
import type { CommandRefusal } from '../command-refusal.ts';

const NAMED_MAX = 5;

/**
 * Refuses a change after which the site would be less than it demands of itself, where it was not before.
 *
 * What was wrong already keeps nobody from changing something else: who severs a partner is never held up. A
 * partner counts as soon as it is enabled, with keys or without, so that nobody exchanges keys for nothing.
 */
export function changedPosture(
  site: Site,
  state: State,
  change: StateChange,
): Result<undefined, CommandRefusal> {
  const { requirePosture } = site;
  if (requirePosture === undefined) return ok(undefined);
  const known = new Set(
    findingsBelow(judged(site, state), requirePosture).map(({ rule, at }) => `${rule} ${at}`),
  );
  const worse = findingsBelow(judged(site, stateAfter(state, change)), requirePosture).filter(
    ({ rule, at }) => !known.has(`${rule} ${at}`),
  );
  if (worse.length === 0) return ok(undefined);
  return err({
    code: 'posture-too-low',
    message: worse
      .slice(0, NAMED_MAX)
      .map((finding) => belowText(finding, requirePosture))
      .join('\n'),
    next: 'give the command with stronger settings; requirePosture in site.yaml is what demands them',
    detail: { required: requirePosture, findings: worse },
  });
}

/** The partners and identities as a change leaves them. */
export function stateAfter(state: State, change: StateChange): State {
  const gone = new Set(change.removedPartners);
  const partners = replaced(state.partners, change.partners, ({ id }) => id);
  return {
    ...state,
    partners: partners.filter(({ id }) => !gone.has(id)),
    identities: replaced(state.identities, change.identities, ({ name }) => name),
  };
}

function replaced<T>(
  records: readonly T[],
  changed: readonly T[] | undefined,
  name: (record: T) => string,
): readonly T[] {
  const byName = new Map(records.map((record) => [name(record), record]));
  for (const record of changed ?? []) byName.set(name(record), record);
  return [...byName.values()];
}

/** The site with the partners and identities of a state. */
function judged(site: Site, { partners, identities }: State): JudgedSite {
  return {
    ...site,
    identities: identities.flatMap(shownIdentity),
    partners: partnersLetIn({ partners }),
  };
}

/** Those that proxies are told of, with what is accepted of them. */
export function partnersLetIn({ partners }: Pick<State, 'partners'>): Site['partners'] {
  return partners
    .filter(({ settings, severed }) => settings.enabled && severed === undefined)
    .map(judgedPartner);
}

function judgedPartner({ id, settings, trustSets }: PartnerRecord): Site['partners'][number] {
  return {
    id,
    ...settings,
    ownIdentity: settings.ownIdentity ?? '',
    trustSets: trustSets.filter(isAccepted),
  };
}

/** Its private key is sealed, and nobody asks for it here. */
function shownIdentity(identity: IdentityRecord): Site['identities'] {
  const chainPem = currentKey(identity)?.chainPem;
  if (chainPem === undefined) return [];
  return [{ name: identity.name, serverNames: identity.serverNames, chainPem, keyPem: '' }];
}
