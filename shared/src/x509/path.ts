import { err, ok, type Result } from '../result.ts';
import { type Certificate, isSelfIssued } from './certificate.ts';
import { sameName } from './distinguished-name.ts';
import { PathEffort } from './path-effort.ts';
import type { PathPolicy } from './path-policy.ts';
import {
  issuerFault,
  leafFault,
  nameComparisonsOf,
  type PathFault,
  pathFault,
  subordinateFault,
} from './path-rules.ts';
import type { Purpose } from './purpose.ts';

/** A leaf that was proven to lead to one of the partner's anchors. */
export interface Path {
  readonly leaf: Certificate;
  /** From the leaf to the anchor, both included; one certificate when the leaf is the anchor. */
  readonly chain: readonly Certificate[];
  /** The time in which every certificate of the path is valid. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** One question: does this leaf, as it came over TLS, lead to what this partner gave us to trust? */
export interface PathRequest {
  readonly leaf: Certificate;
  /** What the peer sent and what was configured as help, in any order; none of it is trusted. */
  readonly intermediates: readonly Certificate[];
  /** Roots, intermediates or leaves, of this one partner only; never the union of several partners'. */
  readonly anchors: readonly Certificate[];
  /** Base64 SHA-256 of SubjectPublicKeyInfo; unless empty, one certificate of the path must match one. */
  readonly pins: readonly string[];
  readonly purpose: Purpose;
  readonly policy: PathPolicy;
  readonly atMs: number;
  /** What the search may cost; absent, it is the only one for these certificates. */
  readonly effort?: PathEffort;
}

/** CA certificates between leaf and anchor, self-issued ones too, whatever a policy says. */
const INTERMEDIATES_MAX = 6;
/** One search may cost this much; a peer decides what is searched, so the work is counted, here and in `effort`. */
const SIGNATURE_CHECKS_MAX = 32;
const LINKS_MAX = 256;

/**
 * Builds and validates a certification path (RFC 5280 §6, RFC 4158 for the search).
 *
 * Every path in reach is tried, anchors first, until one passes all rules; at most 32 signature checks and 256 links.
 * Signatures are checked last and from the anchor down, so that whom no anchor vouches for has none of its own keys
 * tried, however slow they are. An anchor is bound by its own extensions and dates (RFC 5937). A self-signed leaf is
 * accepted only if it is itself an anchor. The platform's verdict on the handshake is never asked, and
 * names are not compared here: see sip-identity and channel-identity. Revocation is not checked.
 */
export function validatePath(request: PathRequest): Result<Path, PathFault> {
  const fault = leafFault(request.leaf, request.atMs);
  return fault === undefined ? new PathSearch(request).run() : err(fault);
}

class PathSearch {
  readonly #request: PathRequest;
  readonly #effort: PathEffort;
  #signatureChecks = 0;
  #links = 0;
  #fault: PathFault = 'path-not-found';
  /** How far the path came that `fault` tells of: the furthest one explains most. */
  #faultRank = 0;

  constructor(request: PathRequest) {
    this.#request = request;
    this.#effort = request.effort ?? new PathEffort();
  }

  run(): Result<Path, PathFault> {
    const { leaf, anchors } = this.#request;
    const isAnchor = anchors.some((anchor) => anchor.der.equals(leaf.der));
    const path = (isAnchor ? this.#complete([leaf]) : undefined) ?? this.#extend([leaf]);
    if (path !== undefined) return ok(path);
    return err(this.#isExhausted() ? 'path-search-exhausted' : this.#fault);
  }

  #extend(path: readonly Certificate[]): Path | undefined {
    const tip = path.at(-1) as Certificate;
    for (const anchor of issuersOf(tip, this.#request.anchors)) {
      const found = this.#isLinked(path, anchor) ? this.#complete([...path, anchor]) : undefined;
      if (found !== undefined) return found;
    }
    const issuers = issuersOf(tip, this.#request.intermediates);
    for (const issuer of issuers) {
      if (!this.#hasRoomFor(path, issuer)) {
        this.#note('path-too-long', path.length);
        continue;
      }
      if (!this.#isLinked(path, issuer)) continue;
      const below = subordinateFault(issuer);
      if (below !== undefined) {
        this.#note(below, path.length);
        continue;
      }
      const found = this.#extend([...path, issuer]);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A policy means authorities: who certifies its own next key is still one (RFC 5280 §4.2.1.9). */
  #hasRoomFor(path: readonly Certificate[], issuer: Certificate): boolean {
    const authorities = [...path.slice(1), issuer].filter((one) => !isSelfIssued(one)).length;
    const isAllowed = authorities <= this.#request.policy.intermediatesMax;
    return isAllowed && path.length <= INTERMEDIATES_MAX;
  }

  /** Whether `issuer` may stand above the path, as far as that is seen without a look at a signature. */
  #isLinked(path: readonly Certificate[], issuer: Certificate): boolean {
    if (path.some((certificate) => isSameEntity(certificate, issuer))) return false;
    this.#links++;
    this.#effort.countLink();
    if (this.#isExhausted()) return false;
    const fault = issuerFault(issuer, this.#request.atMs);
    if (fault !== undefined) {
      this.#note(fault, path.length);
      return false;
    }
    const isForged = this.#effort.verdictOn(path.at(-1) as Certificate, issuer) === false;
    if (isForged) this.#note('path-signature-bad', path.length);
    return !isForged;
  }

  /** Whether each certificate signed the one below it, the anchor first. */
  #isSigned(chain: readonly Certificate[]): boolean {
    for (let n = chain.length - 1; n > 0; n--) {
      if (this.#isSignedBy(chain[n - 1] as Certificate, chain[n] as Certificate)) continue;
      this.#note('path-signature-bad', n);
      return false;
    }
    return true;
  }

  #isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
    const known = this.#effort.verdictOn(certificate, issuer);
    if (known !== undefined) return known;
    this.#signatureChecks++;
    return !this.#isExhausted() && this.#effort.check(certificate, issuer);
  }

  #complete(chain: readonly Certificate[]): Path | undefined {
    const { leaf, pins, purpose, policy } = this.#request;
    if (!this.#isSigned(chain)) return undefined;
    this.#effort.countNameComparisons(nameComparisonsOf(chain));
    if (this.#isExhausted()) return undefined;
    const isPinned =
      pins.length === 0 || chain.some((certificate) => pins.includes(certificate.spkiSha256));
    const fault = pathFault(chain, purpose, policy) ?? (isPinned ? undefined : 'path-pin-mismatch');
    if (fault !== undefined) {
      this.#note(fault, Infinity);
      return undefined;
    }
    return {
      leaf,
      chain,
      notBeforeMs: Math.max(...chain.map((certificate) => certificate.notBeforeMs)),
      notAfterMs: Math.min(...chain.map((certificate) => certificate.notAfterMs)),
    };
  }

  #note(fault: PathFault, rank: number): void {
    if (rank <= this.#faultRank) return;
    this.#fault = fault;
    this.#faultRank = rank;
  }

  #isExhausted(): boolean {
    return (
      this.#signatureChecks > SIGNATURE_CHECKS_MAX ||
      this.#links > LINKS_MAX ||
      this.#effort.isSpent
    );
  }
}

/** Candidates by name, those first whose key identifier agrees (RFC 4158 §3.5.12). */
function issuersOf(certificate: Certificate, among: readonly Certificate[]): Certificate[] {
  const named = among.filter((issuer) => sameName(issuer.subjectName, certificate.issuerName));
  if (named.length < 2) return named;
  const wanted = certificate.extensions.authorityKeyId;
  const isHinted = (issuer: Certificate) =>
    wanted !== undefined && issuer.extensions.subjectKeyId === wanted;
  return [...named.filter(isHinted), ...named.filter((issuer) => !isHinted(issuer))];
}

/** The same name with the same key is the same entity, however often certified: a path meets it once. */
function isSameEntity(left: Certificate, right: Certificate): boolean {
  return left.spki.equals(right.spki) && sameName(left.subjectName, right.subjectName);
}
