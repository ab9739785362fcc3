import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { type Path, validatePath } from '@sallyport/shared/x509/path.ts';
import type { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import type { PathFault } from '@sallyport/shared/x509/path-rules.ts';
import { fromX509, type PeerCertificatesFault } from '@sallyport/shared/x509/peer-certificates.ts';
import type { Purpose } from '@sallyport/shared/x509/purpose.ts';
import { coversAddress, coversDomain, sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import type { Partner, PartnerTable } from './partner.ts';
import type { PeerChain } from './peer-chain.ts';

/** Who a peer has proven to be. */
export interface Identity {
  readonly partner: Partner;
  /** The partner's domains that the certificate covers: the only ones it may speak for (RFC 5922 §7.4). */
  readonly domains: ReadonlySet<string>;
  readonly path: Path;
}

/** Why a peer is nobody to us: a code for log and counters, never certificate text. */
export type IdentityFault =
  | PeerCertificatesFault
  | PathFault
  | 'identity-unknown'
  | 'identity-domain-not-covered'
  | 'identity-source-network'
  | 'identity-resumed-path-unknown';

/** What a connection shows of its peer. */
export interface PeerEvidence extends PeerChain {
  readonly sourceAddress: string;
  readonly resumed: boolean;
  readonly atMs: number;
}

/**
 * Finds which partner an inbound connection is from, and proves it.
 *
 * The names in the leaf only say whose anchors to ask: a path must lead to an anchor of that very
 * partner, never to the union of all partners' (RFC 5922 §7.4). A resumed session is judged like a new one;
 * it shows only the leaf, so when its path is neither remembered nor complete without the peer's
 * intermediates the connection must end, and the tickets with it.
 */
export function identifyClient(
  table: PartnerTable,
  cache: PathCache,
  evidence: PeerEvidence,
): Result<Identity, IdentityFault> {
  const peer = peerOf(cache, evidence);
  if (!peer.ok) return peer;
  const { leaf, intermediates } = peer.value;
  const partners = partnersNamedBy(leaf, table);
  let fault: IdentityFault = 'identity-unknown';
  for (const partner of partners) {
    if (partner.sourceNetworks?.contains(evidence.sourceAddress) === false) {
      fault = 'identity-source-network';
      continue;
    }
    const path = pathOf(partner, table, cache, leaf, intermediates, 'client', evidence.atMs);
    if (path.ok) return ok(identityOf(partner, path.value));
    fault =
      evidence.resumed && path.error === 'path-not-found'
        ? 'identity-resumed-path-unknown'
        : path.error;
  }
  return err(fault);
}

/**
 * Proves that a server we connected to is the one asked for (RFC 5922 §7.3).
 *
 * The certificate must cover one of the names asked for, which come from the URI and never from an SRV
 * record. A next hop that is an address must be shown as that very address.
 */
export function identifyServer(
  partner: Partner,
  askedFor: readonly string[],
  table: PartnerTable,
  cache: PathCache,
  evidence: PeerEvidence,
): Result<Identity, IdentityFault> {
  const peer = peerOf(cache, evidence);
  if (!peer.ok) return peer;
  const { leaf, intermediates } = peer.value;
  if (!askedFor.some((name) => coversDomain(leaf, name) || coversAddress(leaf, name))) {
    return err('identity-domain-not-covered');
  }
  const path = pathOf(partner, table, cache, leaf, intermediates, 'server', evidence.atMs);
  return path.ok ? ok(identityOf(partner, path.value)) : path;
}

/** Judges an identity again, such as after a new snapshot; undefined when it no longer holds. */
export function identifyAgain(
  identity: Identity,
  purpose: Purpose,
  table: PartnerTable,
  cache: PathCache,
  evidence: Pick<PeerEvidence, 'sourceAddress' | 'atMs'>,
): Identity | undefined {
  const partner = table.byId.get(identity.partner.id);
  if (partner === undefined) return undefined;
  const isClient = purpose === 'client';
  if (isClient && partner.sourceNetworks?.contains(evidence.sourceAddress) === false) {
    return undefined;
  }
  const { leaf, chain } = identity.path;
  const path = pathOf(partner, table, cache, leaf, () => chain.slice(1), purpose, evidence.atMs);
  if (!path.ok) return undefined;
  const again = identityOf(partner, path.value);
  return isClient && again.domains.size === 0 ? undefined : again;
}

/** A peer's leaf, and its other certificates: they are parsed when a path has to be looked for. */
interface Peer {
  readonly leaf: Certificate;
  readonly intermediates: () => readonly Certificate[];
}

function peerOf(cache: PathCache, { leaf, chain }: PeerChain): Result<Peer, PeerCertificatesFault> {
  const known = leaf && cache.leaf(leaf);
  if (known !== undefined) {
    return ok({
      leaf: known,
      intermediates: () => {
        const all = fromX509(chain());
        return all.ok ? all.value.intermediates : [];
      },
    });
  }
  const all = fromX509(chain());
  if (!all.ok) return all;
  return ok({ leaf: all.value.leaf, intermediates: () => all.value.intermediates });
}

function partnersNamedBy(leaf: Certificate, table: PartnerTable): ReadonlySet<Partner> {
  const partners = new Set<Partner>();
  for (const domain of sipIdentities(leaf).domains) {
    const partner = table.byDomain.get(domain);
    if (partner !== undefined) partners.add(partner);
  }
  return partners;
}

function identityOf(partner: Partner, path: Path): Identity {
  const named = sipIdentities(path.leaf).domains;
  return { partner, path, domains: new Set(named.filter((domain) => partner.domains.has(domain))) };
}

function pathOf(
  partner: Partner,
  table: PartnerTable,
  cache: PathCache,
  leaf: Certificate,
  intermediates: () => readonly Certificate[],
  purpose: Purpose,
  atMs: number,
): Result<Path, PathFault> {
  const scope = `${purpose}/${table.generation}/${partner.id}`;
  const known = cache.find(scope, leaf, atMs);
  if (known !== undefined) return ok(known);
  const path = validatePath({
    leaf,
    intermediates: [...intermediates(), ...partner.intermediates],
    anchors: partner.anchors,
    pins: partner.settings.pins,
    purpose,
    policy: partner.policy,
    atMs,
  });
  if (path.ok) cache.keep(scope, path.value);
  return path;
}
