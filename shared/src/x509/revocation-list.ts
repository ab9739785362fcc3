import { err, ok, type Result } from '../result.ts';
import type { Certificate } from './certificate.ts';
import { isSignedBy } from './certificate-signature.ts';
import { contextTag, type DerReader, readSigned, Tag } from './der-reader.ts';
import { type DistinguishedName, readDistinguishedName, sameName } from './distinguished-name.ts';
import { comparablePoint, readPointName } from './distribution-points.ts';
import { KeyUsage } from './extensions.ts';
import { RevokedEntries, type RevokedEntriesFault, type RevokedEntry } from './revoked-entries.ts';
import { type SignatureAlgorithm, signatureAlgorithm } from './signature-algorithm.ts';
import { readValidityTime } from './validity-time.ts';

/** Why bytes are no revocation list that this edge can use. */
export type RevocationListFault =
  | 'list-too-large'
  | 'list-malformed'
  | 'list-version-unsupported'
  | 'list-algorithm-mismatch'
  | 'list-no-next-update'
  | 'list-extensions-malformed'
  | 'list-critical-extension'
  | 'list-delta'
  | 'list-partial-reasons'
  | 'list-attribute-certificates'
  | RevokedEntriesFault;

/** Which certificates of its issuer a list speaks of (RFC 5280 §5.2.5). */
export interface RevocationListScope {
  readonly certificates: 'all' | 'user' | 'ca';
  /** Unless undefined, only certificates that name one of these as their distribution point. */
  readonly points: readonly string[] | undefined;
}

/** One parsed revocation list. Being parsed says nothing about trust. */
export interface RevocationList {
  readonly der: Buffer;
  readonly tbs: Buffer;
  readonly signature: Buffer;
  readonly signatureAlgorithm: SignatureAlgorithm | undefined;
  readonly issuerName: DistinguishedName;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly scope: RevocationListScope;
  readonly entries: RevokedEntries;
}

/** Why an authority's word on its own certificates is not taken from a list. */
export type RevocationListRefusal =
  | 'list-of-another-issuer'
  | 'list-signer-not-allowed'
  | 'list-signature-bad';

export const REVOCATION_LIST_BYTES_MAX = 10_485_760;
const EXTENSIONS_MAX = 20;
const CRL_NUMBER = '2.5.29.20';
const DELTA_INDICATOR = '2.5.29.27';
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28';
const AUTHORITY_KEY_ID = '2.5.29.35';
const WHOLE_SCOPE: RevocationListScope = { certificates: 'all', points: undefined };
/** What was found of a list's signature, by the key that was asked. */
const VERDICTS = new WeakMap<RevocationList, Map<string, boolean>>();
const VERDICTS_MAX = 16;

/**
 * Parses one revocation list (RFC 5280 §5), strictly DER; at most 10 MiB and 1,000,000 entries.
 *
 * Version 2, or 1, which OpenSSL writes unless it is told otherwise, and which has no extensions. With both dates,
 * for a list without an end would be good for ever. Refused are critical extensions
 * that nothing here acts on, and lists that say less than everything of their certificates: deltas, some
 * reasons only. Lists that speak of other authorities' certificates (indirect) are refused as well.
 */
export function parseRevocationList(der: Buffer): Result<RevocationList, RevocationListFault> {
  if (der.length > REVOCATION_LIST_BYTES_MAX) return err('list-too-large');
  const { whole, tbs, algorithm: outerAlgorithm, signature } = readSigned(der);
  if (whole.failed) return err('list-malformed');

  const reader = whole.inside(tbs).enter(Tag.sequence);
  // Version 1 leaves the number out.
  const hasVersion = reader.peek() === Tag.integer;
  if (hasVersion && reader.smallInteger(127) !== 1) {
    return err(whole.failed ? 'list-malformed' : 'list-version-unsupported');
  }
  const innerAlgorithm = reader.whole(Tag.sequence);
  const issuerName = readDistinguishedName(whole.inside(reader.whole(Tag.sequence)));
  const thisUpdateMs = readValidityTime(reader);
  const hasNext = reader.peek() === Tag.utcTime || reader.peek() === Tag.generalizedTime;
  if (!whole.failed && !hasNext) return err('list-no-next-update');
  const nextUpdateMs = readValidityTime(reader);
  const revoked = reader.peek() === Tag.sequence ? reader.content(Tag.sequence) : undefined;
  const extensions = contextTag(0, true);
  const explicit =
    hasVersion && reader.peek() === extensions ? reader.enter(extensions) : undefined;
  reader.finish();
  // An empty list is left out (RFC 5280 §5.1.2.6).
  if (whole.failed || revoked?.length === 0) return err('list-malformed');
  if (!innerAlgorithm.equals(outerAlgorithm)) return err('list-algorithm-mismatch');

  const scope = explicit === undefined ? ok(WHOLE_SCOPE) : readScope(explicit, issuerName);
  if (!scope.ok) return scope;
  const read = RevokedEntries.read(revoked ?? Buffer.alloc(0));
  if ('fault' in read) return err(read.fault);
  return ok({
    der,
    tbs,
    signature,
    signatureAlgorithm: signatureAlgorithm(innerAlgorithm),
    issuerName,
    thisUpdateMs,
    nextUpdateMs,
    scope: scope.value,
    entries: read.entries,
  });
}

/**
 * What stands against taking this list from this authority, or undefined (RFC 5280 §6.3.3 (f), (g)).
 *
 * The list must be signed by the very key that signs the certificates, as it stands on the path that was
 * validated; another key of the same name, or one that may not sign lists, is nobody's. Dates are not asked.
 */
export function revocationListRefusal(
  list: RevocationList,
  issuer: Certificate,
): RevocationListRefusal | undefined {
  if (!sameName(list.issuerName, issuer.subjectName)) return 'list-of-another-issuer';
  const { keyUsage } = issuer.extensions;
  if (keyUsage !== undefined && (keyUsage & KeyUsage.cRLSign) === 0)
    return 'list-signer-not-allowed';
  return isListSignedBy(list, issuer) ? undefined : 'list-signature-bad';
}

/** Whether a list of the certificate's issuer speaks of this certificate (RFC 5280 §6.3.3 (b)). */
export function isInScope(list: RevocationList, certificate: Certificate): boolean {
  const { certificates, points } = list.scope;
  const isCa = certificate.extensions.basicConstraints?.isCa === true;
  if (certificates !== 'all' && isCa !== (certificates === 'ca')) return false;
  if (points === undefined) return true;
  return certificate.extensions.revocationPoints.some((point) =>
    points.includes(comparablePoint(point, certificate.issuerName)),
  );
}

/** The list's entry for this certificate of its issuer. */
export function revokedEntry(
  list: RevocationList,
  certificate: Certificate,
): RevokedEntry | undefined {
  return list.entries.find(Buffer.from(certificate.serialHex, 'hex'));
}

/** Hashing ten megabytes for each handshake would be a gift to attackers: a verdict is kept with its list. */
function isListSignedBy(list: RevocationList, issuer: Certificate): boolean {
  let verdicts = VERDICTS.get(list);
  if (verdicts === undefined) {
    verdicts = new Map();
    VERDICTS.set(list, verdicts);
  }
  const known = verdicts.get(issuer.spkiSha256);
  if (known !== undefined) return known;
  const isSigned = isSignedBy(list, issuer);
  if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
  verdicts.set(issuer.spkiSha256, isSigned);
  return isSigned;
}

function readScope(
  explicit: DerReader,
  issuer: DistinguishedName,
): Result<RevocationListScope, RevocationListFault> {
  const sequence = explicit.enter(Tag.sequence);
  explicit.finish();
  let scope: Result<RevocationListScope, RevocationListFault> = ok(WHOLE_SCOPE);
  const seen = new Set<string>();
  while (sequence.hasMore) {
    const extension = sequence.enter(Tag.sequence);
    const type = extension.objectIdentifier();
    const isCritical = extension.peek() === Tag.boolean && extension.boolean();
    const value = extension.inside(extension.content(Tag.octetString));
    extension.finish();
    if (explicit.failed || seen.has(type) || seen.size >= EXTENSIONS_MAX) {
      return err('list-extensions-malformed');
    }
    seen.add(type);
    if (type === DELTA_INDICATOR) return err('list-delta');
    if (type === ISSUING_DISTRIBUTION_POINT) scope = readIssuingPoint(value, issuer);
    else if (isCritical && type !== AUTHORITY_KEY_ID) return err('list-critical-extension');
    else if (type === CRL_NUMBER) value.integer();
  }
  if (explicit.failed || seen.size === 0) return err('list-extensions-malformed');
  return scope;
}

function readIssuingPoint(
  value: DerReader,
  issuer: DistinguishedName,
): Result<RevocationListScope, RevocationListFault> {
  const sequence = value.enter(Tag.sequence);
  value.finish();
  const name = contextTag(0, true);
  const names = sequence.peek() === name ? readPointName(sequence.enter(name)) : undefined;
  const isFor = (number: number): boolean => {
    const tag = contextTag(number, false);
    return sequence.peek() === tag && sequence.boolean(tag);
  };
  const user = isFor(1);
  const ca = isFor(2);
  const someReasons = sequence.peek() === contextTag(3, false);
  if (someReasons) sequence.content(contextTag(3, false));
  const indirect = isFor(4);
  const attribute = isFor(5);
  sequence.finish();
  if (value.failed || (user && ca)) return err('list-extensions-malformed');
  if (someReasons) return err('list-partial-reasons');
  if (indirect) return err('list-indirect');
  if (attribute) return err('list-attribute-certificates');
  const points = names?.map((point) => comparablePoint(point, issuer));
  return ok({ certificates: user ? 'user' : ca ? 'ca' : 'all', points });
}
