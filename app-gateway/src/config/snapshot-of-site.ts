import type { PartnerSnapshot, SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import type { Site, SitePartner } from './site.ts';

/**
 * The part of a site that a proxy needs, ready to be signed.
 *
 * It is a pure function of the site: two gateways with the same files sign the same bytes, so that a proxy
 * which hears both never sees a conflict. Contacts, descriptions and communities stay inside.
 */
export function snapshotOf(site: Site): SnapshotContent {
  return {
    site: site.name,
    version: site.version,
    issuedAt: new Date(site.version).toISOString(),
    publicHost: site.public.host,
    publicPort: site.public.port,
    domains: [...site.domains],
    identities: site.identities.map(({ name, serverNames, chainPem, keyPem }) => ({
      name,
      serverNames: [...serverNames],
      chainPem,
      keyPem,
    })),
    unknownServerName: site.unknownServerName,
    missingServerName: site.missingServerName,
    nameservers: [...site.nameservers],
    partners: site.partners.map(partnerSnapshot),
    limits: { ...site.limits },
    // Left out when there is none: proxies of before would refuse what they do not know.
    ...(site.revokedNodes.length > 0 && { revokedNodes: [...site.revokedNodes].sort() }),
  };
}

function partnerSnapshot(partner: SitePartner): PartnerSnapshot {
  const [trust, ...others] = partner.trustSets;
  if (trust === undefined || others.length > 0) {
    throw new Error(`${partner.id}: a snapshot carries exactly one trust set of a partner`);
  }
  return {
    id: partner.id,
    domains: [...partner.domains],
    anchors: [...trust.anchors],
    intermediates: [...trust.intermediates],
    pins: [...trust.pins],
    allowNoEku: partner.acceptNoExtendedKeyUsage,
    sourceNetworks: [...partner.sourceNetworks],
    methods: [...partner.methods],
    eventPackages: [...partner.eventPackages],
    ownIdentity: partner.ownIdentity,
    endpoints: partner.endpoints.map(({ host, port }) => ({ host, port })),
    connectionsMax: partner.connectionsMax,
    messagesPerSecond: partner.messagesPerSecond,
    messagesBurst: partner.messagesBurst,
    requestsInFlightMax: partner.requestsInFlightMax,
    keepAliveMs: partner.keepAliveMs,
  };
}
