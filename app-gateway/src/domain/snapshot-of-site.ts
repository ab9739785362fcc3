import type {
  AuditSnapshot,
  PartnerSnapshot,
  SnapshotContent,
  TrialSnapshot,
} from '@sallyport/shared/channel/snapshot.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { shownChain } from '../config/shown-chain.ts';
import type { Site, SitePartner } from '../config/site.ts';
import type { LedgerFacts } from './ledger-keys.ts';
import { OwnNames } from './own-names.ts';

/**
 * The part of a site that a proxy needs, ready to be signed; `audit` where traffic is put on record.
 *
 * It is a pure function of the site: two gateways with the same files sign the same bytes, so that a proxy
 * which hears both never sees a conflict. Contacts, descriptions and communities stay inside.
 */
export function snapshotOf(site: Site, audit?: AuditSnapshot): SnapshotContent {
  const advertised = [...new OwnNames(site).all]
    .filter((name) => name !== hostPort(site.public.host, site.public.port))
    .sort();
  return {
    site: site.name,
    version: site.version,
    issuedAt: new Date(site.version).toISOString(),
    publicHost: site.public.host,
    publicPort: site.public.port,
    // Left out when there is none: proxies of before would refuse what they do not know.
    ...(advertised.length > 0 && { advertised }),
    domains: [...site.domains],
    identities: site.identities.map(({ name, serverNames, chainPem, keyPem }) => ({
      name,
      serverNames: [...serverNames],
      chainPem: shownChain(chainPem),
      keyPem,
    })),
    unknownServerName: site.unknownServerName,
    missingServerName: site.missingServerName,
    nameservers: [...site.nameservers],
    partners: site.partners.map(partnerSnapshot),
    severed: site.severed.toSorted(),
    limits: { ...site.limits },
    ...(audit !== undefined && { audit }),
    ...(site.requirePosture !== undefined && { requirePosture: site.requirePosture }),
    ...(site.revokedNodes.length > 0 && { revokedNodes: [...site.revokedNodes].sort() }),
  };
}

/** What proxies are told of audit; undefined where nothing is put on record. */
export function auditSnapshotOf(
  { audit: { enabled, whenFull, memoryBytesMax, spoolBytesMax, bodyHashes } }: Pick<Site, 'audit'>,
  { bodyHashSalt, ...ledger }: LedgerFacts,
): AuditSnapshot | undefined {
  if (!enabled) return undefined;
  const settings = { ...ledger, whenFull, memoryBytesMax, spoolBytesMax };
  return bodyHashes ? { ...settings, bodyHashSalt } : settings;
}

function partnerSnapshot(partner: SitePartner): PartnerSnapshot {
  return {
    id: partner.id,
    domains: [...partner.domains],
    trustSets: partner.trustSets.map(({ id, anchors, intermediates, pins }) => ({
      id,
      anchors: [...anchors],
      intermediates: [...intermediates],
      pins: [...pins],
    })),
    delegations: partner.delegations.map(({ certificate, domains }) => ({
      certificate,
      domains: [...domains],
    })),
    purposes: partner.purposes,
    allowNoEku: partner.acceptNoExtendedKeyUsage,
    revocation: { ...partner.revocation, lists: [...partner.revocation.lists] },
    sourceNetworks: [...partner.sourceNetworks],
    methods: [...partner.methods],
    eventPackages: [...partner.eventPackages],
    ownIdentity: partner.ownIdentity,
    ...(partner.plainTcp ? { plainTcp: true } : {}),
    endpoints: partner.endpoints.map(({ host, port, transport }) =>
      transport === 'tcp' ? { host, port, transport } : { host, port },
    ),
    connectionsMax: partner.connectionsMax,
    messagesPerSecond: partner.messagesPerSecond,
    messagesBurst: partner.messagesBurst,
    requestsInFlightMax: partner.requestsInFlightMax,
    keepAliveMs: partner.keepAliveMs,
    ...(partner.trial === undefined ? {} : { trial: trialSnapshot(partner.trial) }),
  };
}

/** The edge's words for it; what is not tried is left out. */
function trialSnapshot(trial: NonNullable<SitePartner['trial']>): TrialSnapshot {
  const { acceptNoExtendedKeyUsage: allowNoEku, ...rest } = trial;
  const entries = Object.entries({ ...rest, allowNoEku });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
