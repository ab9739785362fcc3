import { SIP_BYTES_MAX } from '@sallyport/shared/channel/frame.ts';
import type { EdgeLimits, SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type OwnIdentities, ownIdentities } from '../identity/own-identities.ts';
import { NO_PARTNERS, type PartnerTable, partnerTable } from '../identity/partner.ts';

/** One snapshot made ready for use; replaced as a whole, never changed. */
export interface EdgeConfig {
  readonly version: number;
  /** `host:port` as our Via shows it, in lower case. */
  readonly publicSentBy: string;
  /** Every `host:port` of ours that a Via can show, as the one above. */
  readonly ownSentBys: ReadonlySet<string>;
  /** Hosts that mean this edge itself in a Request-URI without a user. */
  readonly ownHosts: ReadonlySet<string>;
  readonly nameservers: readonly string[];
  readonly identities: OwnIdentities;
  readonly partners: PartnerTable;
  readonly limits: EdgeLimits;
  /** Gateways that were lost. */
  readonly revokedNodes: readonly string[];
}

/** Builds everything a snapshot asks for, or names every problem and builds nothing. */
export function edgeConfig(
  content: SnapshotContent,
  previous: EdgeConfig | undefined,
  nowMs: number,
): Result<EdgeConfig, readonly string[]> {
  const identities = ownIdentities(content, previous?.identities);
  const partners = partnerTable(
    content.partners,
    previous?.partners ?? NO_PARTNERS,
    nowMs,
    content.severed,
  );
  const { headBytesMax, bodyBytesMax } = content.limits;
  if (headBytesMax + bodyBytesMax > SIP_BYTES_MAX) {
    return err([`limits: head and body together exceed the channel's ${SIP_BYTES_MAX} bytes`]);
  }
  if (!identities.ok || !partners.ok) {
    return err([identities, partners].flatMap((part) => (part.ok ? [] : part.error)));
  }
  const publicSentBy = hostPort(content.publicHost.toLowerCase(), content.publicPort);
  const ownSentBys = new Set([publicSentBy, ...(content.advertised ?? [])]);
  return ok({
    version: content.version,
    publicSentBy,
    ownSentBys,
    ownHosts: new Set([
      ...[...ownSentBys].map((name) => name.slice(0, name.lastIndexOf(':'))),
      ...content.domains.map((domain) => domain.toLowerCase()),
    ]),
    nameservers: content.nameservers,
    identities: identities.value,
    partners: partners.value,
    limits: content.limits,
    revokedNodes: content.revokedNodes ?? [],
  });
}
