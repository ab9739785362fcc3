import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { type Path, validatePath } from '@sallyport/shared/x509/path.ts';
import type { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { PathEffort } from '@sallyport/shared/x509/path-effort.ts';
import type { PathFault } from '@sallyport/shared/x509/path-rules.ts';
import { fromX509, type PeerCertificatesFault } from '@sallyport/shared/x509/peer-certificates.ts';
import { validatePinnedLeaf } from '@sallyport/shared/x509/pinned-leaf.ts';
import type { Purpose } from '@sallyport/shared/x509/purpose.ts';
import { coversAddress, coversDomain, sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import type { Partner, PartnerTable } from './partner.ts';
import type { PeerChain } from './peer-chain.ts';
import { judgeStaple, type Staple } from './revocation/staple.ts';
import { type RevocationOf, revocationFault } from './revocation-seam.ts';
import type { TrustSet } from './trust-set.ts';

/** Who a peer is: what it has proven, or over plain TCP where it comes from. */
export type Identity = CertifiedIdentity | NetworkIdentity;

/** Who a peer is by the network that it comes from; it has proven nothing. */
export interface NetworkIdentity {
  readonly partner: Partner;
  readonly domains: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  readonly trustSet?: never;
  readonly path?: never;
  readonly staple?: never;
}

/** Who a peer has proven to be. */
export interface CertifiedIdentity {
  readonly partner: Partner;
  /** Which of the partner's trust sets the path fulfils. */
  readonly trustSet: string;
  /**
   * The partner's domains that the certificate covers, by its names or by a delegation: the only ones it may speak
   * for (RFC 5922 §7.4).
   */
  readonly domains: ReadonlySet<string>;
  /** Host names in the certificate, in lower case. */
  readonly hosts: ReadonlySet<string>;
  readonly path: Path;
  /** What a server stapled to its certificate; clients cannot be asked. */
  readonly staple?: Staple | undefined;
}

/** Why a peer is nobody to us: a code for log and counters, never certificate text. */
export type IdentityFault =
  | PeerCertificatesFault
  | PathFault
  | 'identity-unknown'
  | 'identity-domain-not-covered'
  | 'identity-source-network'
  | 'identity-resumed-path-unknown'
  | 'revocation-revoked'
  | 'revocation-unknown';

/** What a connection shows of its peer. */
export interface PeerEvidence extends PeerChain {
  readonly sourceAddress: string;
  readonly resumed: boolean;
  readonly atMs: number;
}

/** What a connection that we opened shows of the server. */
export interface ServerEvidence extends PeerEvidence {
  /** The OCSP response that came with the certificate. */
  readonly ocspResponse?: Buffer | undefined;
}

/** By what identities are judged: the partners of now, paths known already, and what is known of revocation. */
export interface Judging {
  readonly table: PartnerTable;
  readonly cache: PathCache;
  /** Absent: of every certificate it is unknown whether it was revoked. */
  readonly revocationOf?: RevocationOf | undefined;
}

/**
 * Finds which partner an inbound connection is from, and proves it.
 *
 * The names in the leaf only say whose anchors to ask: a path must fulfil one trust set of that very
 * partner, never the union of several sets or partners (RFC 5922 §7.4). A resumed session is judged like a new one;
 * it shows only the leaf, so when its path is neither remembered nor complete without the peer's
 * intermediates the connection must end, and the tickets with it.
 */
export function identifyClient(
  judging: Judging,
  evidence: PeerEvidence,
): Result<CertifiedIdentity, IdentityFault> {
  const peer = peerOf(judging.cache, evidence);
  if (!peer.ok) return peer;
  const partners = partnersNamedBy(peer.value.leaf, judging.table);
  let fault: IdentityFault = 'identity-unknown';
  for (const partner of partners) {
    if (partner.sourceNetworks?.contains(evidence.sourceAddress) === false) {
      fault = 'identity-source-network';
      continue;
    }
    const identity = identityIn(judging, partner, peer.value, 'client', evidence.atMs);
    if (identity.ok) return identity;
    fault =
      evidence.resumed && identity.error === 'path-not-found'
        ? 'identity-resumed-path-unknown'
        : identity.error;
  }
  return err(fault);
}

/**
 * Proves that a server we connected to is the one asked for (RFC 5922 §7.3).
 *
 * The certificate must cover one of the names asked for, by itself or by a delegation; the names come from the URI and
 * never from an SRV record. A next hop that is an address must be shown as that very address.
 */
export function identifyServer(
  judging: Judging,
  partner: Partner,
  askedFor: readonly string[],
  evidence: ServerEvidence,
): Result<CertifiedIdentity, IdentityFault> {
  const peer = peerOf(judging.cache, evidence);
  if (!peer.ok) return peer;
  const { leaf } = peer.value;
  const covered = domainsOf(partner, leaf);
  const isCovered = (name: string) =>
    covered.has(name) || coversDomain(leaf, name) || coversAddress(leaf, name);
  if (!askedFor.some(isCovered)) return err('identity-domain-not-covered');
  const { ocspResponse, atMs } = evidence;
  const stapleFor = (path: Path) => judgeStaple(ocspResponse, path, atMs);
  return identityIn(judging, partner, peer.value, 'server', atMs, stapleFor);
}

/** Judges an identity again, such as after a new snapshot; its partner is the one of now. */
export function identifyAgain(
  judging: Judging,
  identity: CertifiedIdentity,
  partner: Partner,
  purpose: Purpose,
  evidence: Pick<PeerEvidence, 'sourceAddress' | 'atMs'>,
): Result<CertifiedIdentity, IdentityFault> {
  const isClient = purpose === 'client';
  if (isClient && partner.sourceNetworks?.contains(evidence.sourceAddress) === false) {
    return err('identity-source-network');
  }
  const { leaf, chain } = identity.path;
  const peer: Peer = { leaf, intermediates: () => chain.slice(1), effort: new PathEffort() };
  const again = identityIn(judging, partner, peer, purpose, evidence.atMs, () => identity.staple);
  if (!again.ok) return again;
  if (isClient && again.value.domains.size === 0) return err('identity-domain-not-covered');
  return again;
}

/** A peer's leaf, and its other certificates: they are parsed when a path has to be looked for. */
interface Peer {
  readonly leaf: Certificate;
  readonly intermediates: () => readonly Certificate[];
  /** One for all partners that it may be. */
  readonly effort: PathEffort;
}

function peerOf(cache: PathCache, { leaf, chain }: PeerChain): Result<Peer, PeerCertificatesFault> {
  const effort = new PathEffort();
  const known = leaf && cache.leaf(leaf);
  if (known !== undefined) {
    let read: readonly Certificate[] | undefined;
    const intermediates = () => {
      const all = read === undefined ? fromX509(chain()) : undefined;
      read ??= all?.ok ? all.value.intermediates : [];
      return read;
    };
    return ok({ leaf: known, intermediates, effort });
  }
  const all = fromX509(chain());
  if (!all.ok) return all;
  const { intermediates } = all.value;
  return ok({ leaf: all.value.leaf, intermediates: () => intermediates, effort });
}

function partnersNamedBy(leaf: Certificate, table: PartnerTable): ReadonlySet<Partner> {
  const partners = new Set<Partner>();
  for (const domain of sipIdentities(leaf).domains) {
    const partner = table.byDomain.get(domain);
    if (partner !== undefined) partners.add(partner);
    for (const delegating of table.byDelegate.get(domain) ?? []) partners.add(delegating);
  }
  return partners;
}

function domainsOf(partner: Partner, leaf: Certificate): ReadonlySet<string> {
  const domains = new Set<string>();
  for (const named of sipIdentities(leaf).domains) {
    if (partner.domains.has(named)) domains.add(named);
    for (const delegated of partner.delegated.get(named) ?? []) domains.add(delegated);
  }
  return domains;
}

function hostsOf(leaf: Certificate): ReadonlySet<string> {
  return new Set((leaf.subjectAltName?.dns ?? []).map((name) => name.toLowerCase()));
}

function identityIn(
  judging: Judging,
  partner: Partner,
  peer: Peer,
  purpose: Purpose,
  atMs: number,
  stapleFor: (path: Path) => Staple | undefined = () => undefined,
): Result<CertifiedIdentity, IdentityFault> {
  const proven = provenIn(judging.cache, partner, peer, purpose, atMs);
  if (!proven.ok) return proven;
  const { path, trustSet } = proven.value;
  const staple = stapleFor(path);
  const fault = revocationFault(judging.revocationOf, path, partner, atMs, staple);
  if (fault !== undefined) return err(fault);
  const domains = domainsOf(partner, path.leaf);
  const hosts = hostsOf(path.leaf);
  return ok({ partner, trustSet: trustSet.id, domains, hosts, path, staple });
}

/**
 * The newest trust set that the peer fulfils: while an old and a new set both would do, the new one is the one in use.
 *
 * Without any, the fault of the newest set that found more than a missing path.
 */
function provenIn(
  cache: PathCache,
  partner: Partner,
  { leaf, intermediates, effort }: Peer,
  purpose: Purpose,
  atMs: number,
): Result<{ readonly path: Path; readonly trustSet: TrustSet }, PathFault> {
  let fault: PathFault = 'path-not-found';
  for (const trustSet of partner.newestFirst) {
    // A path that is remembered for an older set says nothing of a newer one that has come since.
    const known = cache.find(scopeOf(trustSet, partner, purpose), leaf, atMs);
    if (known !== undefined) return ok({ path: known, trustSet });
    const path = pathIn(trustSet, partner, { leaf, intermediates, effort }, purpose, atMs);
    if (path.ok) {
      cache.keep(scopeOf(trustSet, partner, purpose), path.value, partner.id);
      return ok({ path: path.value, trustSet });
    }
    if (fault === 'path-not-found') fault = path.error;
  }
  return err(fault);
}

/** All that the verdict rests on, beside leaf and time: equal trust under another snapshot finds what it found. */
function scopeOf(trustSet: TrustSet, { id, policyMark }: Partner, purpose: Purpose): string {
  return `${purpose}/${id}/${policyMark}/${trustSet.mark}`;
}

function pathIn(
  { anchors, intermediates: given, pins }: TrustSet,
  { policy }: Partner,
  { leaf, intermediates, effort }: Peer,
  purpose: Purpose,
  atMs: number,
): Result<Path, PathFault> {
  if (anchors.length === 0) return validatePinnedLeaf({ leaf, pins, purpose, policy, atMs });
  return validatePath({
    leaf,
    intermediates: [...intermediates(), ...given],
    anchors,
    pins,
    purpose,
    policy,
    atMs,
    effort,
  });
}
