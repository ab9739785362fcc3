import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { defaultPathPolicy, type PathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';

/** What a partner uses now; it outlives the snapshot, so that a reload gives nobody a new allowance. */
export interface PartnerLoad {
  connections: number;
  requestsInFlight: number;
  readonly rate: TokenBucket;
}

/** A federated company as the edge needs it: parsed once per snapshot, read for every message. */
export interface Partner {
  readonly id: string;
  readonly settings: PartnerSnapshot;
  readonly domains: ReadonlySet<string>;
  readonly methods: ReadonlySet<string>;
  readonly eventPackages: ReadonlySet<string>;
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly policy: PathPolicy;
  /** Undefined: any source. */
  readonly sourceNetworks: NetworkSet | undefined;
  readonly load: PartnerLoad;
}

/** All partners of one snapshot. A domain belongs to one partner. */
export interface PartnerTable {
  /** Goes into the scope of cached paths: what an older table proved says nothing about this one. */
  readonly generation: number;
  readonly byId: ReadonlyMap<string, Partner>;
  readonly byDomain: ReadonlyMap<string, Partner>;
}

export const NO_PARTNERS: PartnerTable = { generation: 0, byId: new Map(), byDomain: new Map() };

/** Builds the table, carrying over what each partner has used up, or says what cannot be read. */
export function partnerTable(
  snapshots: readonly PartnerSnapshot[],
  previous: PartnerTable,
  nowMs: number,
): Result<PartnerTable, readonly string[]> {
  const problems: string[] = [];
  const byId = new Map<string, Partner>();
  const byDomain = new Map<string, Partner>();
  for (const snapshot of snapshots) {
    const partner = partnerOf(snapshot, previous.byId.get(snapshot.id)?.load, nowMs, problems);
    if (byId.has(partner.id)) problems.push(`partner ${partner.id}: twice`);
    byId.set(partner.id, partner);
    for (const domain of partner.domains) {
      if (byDomain.has(domain)) problems.push(`partner ${partner.id}: domain of another partner`);
      byDomain.set(domain, partner);
    }
  }
  if (problems.length > 0) return err(problems);
  return ok({ generation: previous.generation + 1, byId, byDomain });
}

function partnerOf(
  settings: PartnerSnapshot,
  load: PartnerLoad | undefined,
  nowMs: number,
  problems: string[],
): Partner {
  const { id, messagesPerSecond, messagesBurst } = settings;
  const networks = NetworkSet.parse(settings.sourceNetworks);
  if (!networks.ok) problems.push(`partner ${id}: source network ${networks.error.text}`);
  load?.rate.adjust(messagesPerSecond, messagesBurst, nowMs);
  return {
    id,
    settings,
    domains: new Set(settings.domains.map((domain) => domain.toLowerCase())),
    methods: new Set(settings.methods),
    eventPackages: new Set(settings.eventPackages),
    anchors: certificates(settings.anchors, `partner ${id}: anchor`, problems),
    intermediates: certificates(settings.intermediates, `partner ${id}: intermediate`, problems),
    policy: { ...defaultPathPolicy, acceptNoExtendedKeyUsage: settings.allowNoEku },
    sourceNetworks: networks.ok && !networks.value.isEmpty ? networks.value : undefined,
    load: load ?? {
      connections: 0,
      requestsInFlight: 0,
      rate: new TokenBucket(messagesPerSecond, messagesBurst, nowMs),
    },
  };
}

function certificates(pems: readonly string[], what: string, problems: string[]): Certificate[] {
  return pems.flatMap((pem) => {
    const parsed = decodePem(pem, 'CERTIFICATE').map((der) => parseCertificate(der));
    if (parsed.length === 0) problems.push(`${what} is not PEM`);
    return parsed.flatMap((certificate) => {
      if (certificate.ok) return [certificate.value];
      problems.push(`${what}: ${certificate.error}`);
      return [];
    });
  });
}
