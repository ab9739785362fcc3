import { hash } from 'node:crypto';
import {
  canonicalJson,
  type DelegationSnapshot,
  type PartnerSnapshot,
} from '@sallyport/shared/channel/snapshot.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { defaultPathPolicy, type PathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { PartnerLoad } from './partner-load.ts';
import { type GivenList, givenLists } from './revocation/given-lists.ts';
import { type Trial, trialOf } from './trial.ts';
import { type TrustSet, trustSetOf } from './trust-set.ts';

/** A federated company as the edge needs it: parsed once per snapshot, read for every message. */
export interface Partner {
  readonly id: string;
  readonly settings: PartnerSnapshot;
  readonly domains: ReadonlySet<string>;
  /** What a certificate for a domain may speak for beside its own names. */
  readonly delegated: ReadonlyMap<string, readonly string[]>;
  readonly methods: ReadonlySet<string>;
  readonly eventPackages: ReadonlySet<string>;
  readonly newestFirst: readonly TrustSet[];
  readonly policy: PathPolicy;
  /** Equal where policy is equal: for the scope of remembered paths. */
  readonly policyMark: string;
  /** Undefined: any source. */
  readonly sourceNetworks: NetworkSet | undefined;
  readonly revocationLists: readonly GivenList[];
  /** Stricter rules that are only tried. */
  readonly trial: Trial | undefined;
  readonly load: PartnerLoad;
}

/** All partners of one snapshot. A domain belongs to one partner. */
export interface PartnerTable {
  readonly byId: ReadonlyMap<string, Partner>;
  readonly byDomain: ReadonlyMap<string, Partner>;
  /** Those who may come without TLS. */
  readonly plain: readonly Partner[];
  /** Who may be meant by a certificate of a company that speaks for others. */
  readonly byDelegate: ReadonlyMap<string, readonly Partner[]>;
  /** Partners that were cut off; never among the others. */
  readonly severed: ReadonlySet<string>;
  /** Equal where nothing changed by which an identity is judged. */
  readonly trustMark: string;
}

export const NO_PARTNERS: PartnerTable = {
  byId: new Map(),
  byDomain: new Map(),
  byDelegate: new Map(),
  plain: [],
  severed: new Set(),
  trustMark: '',
};

/**
 * Builds the table, carrying over what each partner has used up, or says what cannot be read. What each may use is as before, until
 * `allowAnew`: the table may be one that is not taken.
 *
 * A partner that is listed and severed is severed.
 */
export function partnerTable(
  snapshots: readonly PartnerSnapshot[],
  previous: PartnerTable,
  nowMs: number,
  severed: readonly string[] = [],
): Result<PartnerTable, readonly string[]> {
  const problems: string[] = [];
  const byId = new Map<string, Partner>();
  const byDomain = new Map<string, Partner>();
  const byDelegate = new Map<string, Partner[]>();
  const isSevered = new Set(severed);
  const listed = snapshots.filter(({ id }) => !isSevered.has(id));
  for (const snapshot of listed) {
    const partner = partnerOf(snapshot, previous.byId.get(snapshot.id), nowMs, problems);
    if (byId.has(partner.id)) problems.push(`partner ${partner.id}: twice`);
    byId.set(partner.id, partner);
    for (const domain of partner.domains) {
      if (byDomain.has(domain)) problems.push(`partner ${partner.id}: domain of another partner`);
      byDomain.set(domain, partner);
    }
    for (const certificate of partner.delegated.keys()) {
      byDelegate.set(certificate, [...(byDelegate.get(certificate) ?? []), partner]);
    }
  }
  if (problems.length > 0) return err(problems);
  const plain = [...byId.values()].filter(({ settings }) => settings.plainTcp === true);
  return ok({
    byId,
    byDomain,
    byDelegate,
    plain,
    severed: isSevered,
    trustMark: trustMarkOf(listed),
  });
}

/** From now on each partner may use what this table says. */
export function allowAnew({ byId }: PartnerTable, nowMs: number): void {
  for (const { load, settings } of byId.values()) {
    load.adjust(settings.messagesPerSecond, settings.messagesBurst, nowMs);
  }
}

/**
 * Whether we reach a partner by plain TCP: its endpoints say so, or it has none, and no key of any kind.
 *
 * One that may come without TLS is not reached without it for that alone; one whose endpoints say TLS is reached by TLS or not at all.
 */
export function isPlainAgreed({ settings }: Pick<Partner, 'settings'>): boolean {
  const { plainTcp, trustSets, endpoints } = settings;
  if (plainTcp !== true) return false;
  return endpoints.length === 0 ? trustSets.length === 0 : endpoints[0]?.transport === 'tcp';
}

function partnerOf(
  settings: PartnerSnapshot,
  previous: Partner | undefined,
  nowMs: number,
  problems: string[],
): Partner {
  const { id, messagesPerSecond, messagesBurst } = settings;
  const networks = NetworkSet.parse(settings.sourceNetworks);
  if (!networks.ok) problems.push(`partner ${id}: source network ${networks.error.text}`);
  const policy: PathPolicy = {
    ...defaultPathPolicy,
    purposes: settings.purposes,
    acceptNoExtendedKeyUsage: settings.allowNoEku,
    refusesUnknownRevocation: settings.revocation.mode === 'hard-fail',
  };
  const known = previous?.newestFirst ?? [];
  return {
    id,
    settings,
    domains: new Set(settings.domains.map((domain) => domain.toLowerCase())),
    delegated: delegatedOf(settings.delegations),
    methods: new Set(settings.methods),
    eventPackages: new Set(settings.eventPackages),
    newestFirst: settings.trustSets.map((set) => trustSetOf(set, id, known, problems)).toReversed(),
    policy,
    policyMark: JSON.stringify(Object.values(policy)),
    sourceNetworks: networks.ok && !networks.value.isEmpty ? networks.value : undefined,
    revocationLists: givenLists(settings.revocation.lists, previous?.revocationLists ?? []),
    trial: settings.trial && trialOf(settings.trial, id, policy, problems),
    load: previous?.load ?? new PartnerLoad(messagesPerSecond, messagesBurst, nowMs),
  };
}

function delegatedOf(
  delegations: readonly DelegationSnapshot[],
): ReadonlyMap<string, readonly string[]> {
  const delegated = new Map<string, readonly string[]>();
  for (const { certificate, domains } of delegations) {
    delegated.set(certificate, [...(delegated.get(certificate) ?? []), ...domains]);
  }
  return delegated;
}

/** All that says whose certificate is good, and from where. */
const JUDGED_BY = [
  ...(['id', 'domains', 'trustSets', 'delegations', 'purposes', 'allowNoEku'] as const),
  ...(['revocation', 'sourceNetworks', 'plainTcp'] as const),
];

function trustMarkOf(snapshots: readonly PartnerSnapshot[]): string {
  const judgedBy = snapshots.map((snapshot) => JUDGED_BY.map((name) => snapshot[name]));
  return hash('sha256', canonicalJson(judgedBy), 'base64');
}
