import { hash } from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { isSignedBy, type Signed } from './certificate-signature.ts';
import { contextTag, DerReader, Tag } from './der-reader.ts';
import { type DistinguishedName, readDistinguishedName, sameName } from './distinguished-name.ts';
import { KeyUsage } from './extensions.ts';
import { type RevocationReason, revocationReason } from './revocation-reason.ts';
import { signatureAlgorithm } from './signature-algorithm.ts';
import { readValidityTime } from './validity-time.ts';

/** What an authority says of one certificate, at the time it was asked. */
export type OcspStatus =
  | { readonly kind: 'good'; readonly nextUpdateMs: number }
  | {
      readonly kind: 'revoked';
      readonly reason: RevocationReason;
      readonly revokedAtMs: number;
      readonly nextUpdateMs: number;
    };

/** Why a stapled answer proves nothing. */
export type OcspFault =
  | 'ocsp-too-large'
  | 'ocsp-malformed'
  | 'ocsp-unsuccessful'
  | 'ocsp-critical-extension'
  | 'ocsp-other-certificate'
  | 'ocsp-status-unknown'
  | 'ocsp-no-next-update'
  | 'ocsp-not-yet-valid'
  | 'ocsp-expired'
  | 'ocsp-responder-not-allowed'
  | 'ocsp-signature-bad';

interface SingleAnswer {
  readonly hashName: 'sha1' | 'sha256' | undefined;
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  readonly serial: Buffer;
  readonly status:
    | { readonly kind: 'good' }
    | { readonly kind: 'unknown' }
    | {
        readonly kind: 'revoked';
        readonly reason: RevocationReason;
        readonly revokedAtMs: number;
      };
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number | undefined;
}

type Responder =
  | { readonly kind: 'name'; readonly name: DistinguishedName }
  | { readonly kind: 'key'; readonly sha1: Buffer };

interface BasicAnswer extends Signed {
  readonly responder: Responder;
  readonly answers: readonly SingleAnswer[];
  readonly certificates: readonly Buffer[];
  readonly hasCritical: boolean;
}

/** A staple comes with the handshake, before anybody is known. */
export const OCSP_BYTES_MAX = 65_536;

const BASIC = '1.3.6.1.5.5.7.48.1.1';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const VERSION = contextTag(0, true);
const ANSWERS_MAX = 32;
const CERTIFICATES_MAX = 4;
/** How far the authority's clock may be ahead of ours. */
const CLOCK_SKEW_MS = 300_000;
/** Names of the certificate asked about, not signatures: SHA-1 is what everybody uses (RFC 5019 §2.1.1). */
const HASHES: ReadonlyMap<string, 'sha1' | 'sha256'> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
]);

/**
 * Judges a stapled OCSP response about `certificate`, which `issuer` signed (RFC 6960 §3.2); at most 64 KiB.
 *
 * The responder is the issuer itself or one it certified for exactly that (§4.2.2.2). An answer without
 * nextUpdate is refused: stapled, it could be as old as its sender likes. Whether a delegated responder's own
 * certificate was revoked is not asked; it is short-lived.
 */
export function stapledStatus(
  response: Buffer,
  certificate: Certificate,
  issuer: Certificate,
  atMs: number,
): Result<OcspStatus, OcspFault> {
  const basic = parseResponse(response);
  if (!basic.ok) return basic;
  const { answers, hasCritical } = basic.value;
  const about = answers.filter((candidate) => isAbout(candidate, certificate, issuer));
  const inForce = about.filter((candidate) => dateFault(candidate, atMs) === undefined);
  // Of several in force one that revokes does.
  const answer = inForce.find(({ status }) => status.kind === 'revoked') ?? inForce[0] ?? about[0];
  if (answer === undefined) return err('ocsp-other-certificate');
  if (hasCritical) return err('ocsp-critical-extension');
  const { status, nextUpdateMs } = answer;
  if (nextUpdateMs === undefined) return err('ocsp-no-next-update');
  const outdated = dateFault(answer, atMs);
  if (outdated !== undefined) return err(outdated);
  const fault = signerFault(basic.value, issuer, atMs);
  if (fault !== undefined) return err(fault);
  if (status.kind === 'unknown') return err('ocsp-status-unknown');
  return ok(status.kind === 'good' ? { kind: 'good', nextUpdateMs } : { ...status, nextUpdateMs });
}

function dateFault(
  { thisUpdateMs, nextUpdateMs }: SingleAnswer,
  atMs: number,
): OcspFault | undefined {
  if (nextUpdateMs === undefined) return 'ocsp-no-next-update';
  if (thisUpdateMs > atMs + CLOCK_SKEW_MS) return 'ocsp-not-yet-valid';
  return atMs > nextUpdateMs ? 'ocsp-expired' : undefined;
}

function parseResponse(der: Buffer): Result<BasicAnswer, OcspFault> {
  if (der.length > OCSP_BYTES_MAX) return err('ocsp-too-large');
  const whole = DerReader.over(der);
  const outer = whole.enter(Tag.sequence);
  whole.finish();
  const status = outer.smallInteger(127, Tag.enumerated);
  if (!whole.failed && status !== 0) return err('ocsp-unsuccessful');
  const explicit = outer.enter(contextTag(0, true));
  outer.finish();
  const typed = explicit.enter(Tag.sequence);
  explicit.finish();
  const isBasic = typed.objectIdentifier() === BASIC;
  const bytes = typed.content(Tag.octetString);
  typed.finish();
  if (whole.failed || !isBasic) return err('ocsp-malformed');
  return parseBasic(bytes);
}

function parseBasic(der: Buffer): Result<BasicAnswer, OcspFault> {
  const whole = DerReader.over(der);
  const outer = whole.enter(Tag.sequence);
  whole.finish();
  const tbs = outer.whole(Tag.sequence);
  const algorithm = outer.whole(Tag.sequence);
  const signature = outer.octetsOfBitString();
  const certificates = readCertificates(outer);
  outer.finish();

  const reader = whole.inside(tbs).enter(Tag.sequence);
  // Version 1 is the default, which DER leaves out; responders there are that write it.
  if (reader.peek() === VERSION) {
    const explicit = reader.enter(VERSION);
    explicit.smallInteger(0);
    explicit.finish();
  }
  const responder = readResponder(reader);
  readValidityTime(reader);
  const critical = { found: false };
  const answers: SingleAnswer[] = [];
  const list = reader.enter(Tag.sequence);
  while (list.hasMore) {
    answers.push(readAnswer(list.enter(Tag.sequence), critical));
    if (answers.length > ANSWERS_MAX) list.fail();
  }
  readExtensions(reader, critical);
  reader.finish();
  if (whole.failed) return err('ocsp-malformed');
  return ok({
    tbs,
    signature,
    signatureAlgorithm: signatureAlgorithm(algorithm),
    responder,
    answers,
    certificates,
    hasCritical: critical.found,
  });
}

function readCertificates(reader: DerReader): readonly Buffer[] {
  const certificates: Buffer[] = [];
  if (reader.peek() !== contextTag(0, true)) return certificates;
  const explicit = reader.enter(contextTag(0, true));
  const list = explicit.enter(Tag.sequence);
  explicit.finish();
  while (list.hasMore) {
    certificates.push(list.whole(Tag.sequence));
    if (certificates.length > CERTIFICATES_MAX) list.fail();
  }
  return certificates;
}

function readResponder(reader: DerReader): Responder {
  if (reader.peek() === contextTag(1, true)) {
    const explicit = reader.enter(contextTag(1, true));
    const name = readDistinguishedName(explicit);
    explicit.finish();
    return { kind: 'name', name };
  }
  const explicit = reader.enter(contextTag(2, true));
  const sha1 = explicit.content(Tag.octetString);
  explicit.finish();
  return { kind: 'key', sha1 };
}

function readAnswer(reader: DerReader, critical: { found: boolean }): SingleAnswer {
  const id = reader.enter(Tag.sequence);
  const algorithm = id.enter(Tag.sequence);
  const hashName = HASHES.get(algorithm.objectIdentifier());
  if (algorithm.hasMore && algorithm.content(Tag.null).length !== 0) reader.fail();
  algorithm.finish();
  const issuerNameHash = id.content(Tag.octetString);
  const issuerKeyHash = id.content(Tag.octetString);
  const serial = id.integer();
  id.finish();
  const status = readStatus(reader);
  const thisUpdateMs = readValidityTime(reader);
  let nextUpdateMs: number | undefined;
  if (reader.peek() === contextTag(0, true)) {
    const explicit = reader.enter(contextTag(0, true));
    nextUpdateMs = readValidityTime(explicit);
    explicit.finish();
  }
  readExtensions(reader, critical);
  reader.finish();
  return { hashName, issuerNameHash, issuerKeyHash, serial, status, thisUpdateMs, nextUpdateMs };
}

function readStatus(reader: DerReader): SingleAnswer['status'] {
  const [good, revoked, unknown] = [
    contextTag(0, false),
    contextTag(1, true),
    contextTag(2, false),
  ];
  const tag = reader.peek();
  if (tag !== revoked) {
    if (reader.content(tag === good ? good : unknown).length !== 0) reader.fail();
    return tag === good ? { kind: 'good' } : { kind: 'unknown' };
  }
  const info = reader.enter(revoked);
  const revokedAtMs = readValidityTime(info);
  let reason: RevocationReason = 'unspecified';
  if (info.peek() === contextTag(0, true)) {
    const explicit = info.enter(contextTag(0, true));
    reason = revocationReason(explicit.smallInteger(127, Tag.enumerated));
    explicit.finish();
  }
  info.finish();
  return { kind: 'revoked', reason, revokedAtMs };
}

/** Nonces and the like: nothing is acted on, so a critical one is a reason to refuse. */
function readExtensions(reader: DerReader, critical: { found: boolean }): void {
  const tag = contextTag(1, true);
  if (reader.peek() !== tag) return;
  const explicit = reader.enter(tag);
  const sequence = explicit.enter(Tag.sequence);
  explicit.finish();
  while (sequence.hasMore) {
    const extension = sequence.enter(Tag.sequence);
    extension.objectIdentifier();
    if (extension.peek() === Tag.boolean && extension.boolean()) critical.found = true;
    extension.content(Tag.octetString);
    extension.finish();
  }
}

function isAbout(answer: SingleAnswer, certificate: Certificate, issuer: Certificate): boolean {
  const { hashName, issuerNameHash, issuerKeyHash, serial } = answer;
  return (
    hashName !== undefined &&
    serial.toString('hex') === certificate.serialHex &&
    hash(hashName, certificate.issuer, 'buffer').equals(issuerNameHash) &&
    hash(hashName, keyBitsOf(issuer), 'buffer').equals(issuerKeyHash)
  );
}

function signerFault(
  answer: BasicAnswer,
  issuer: Certificate,
  atMs: number,
): OcspFault | undefined {
  const { responder, certificates } = answer;
  const isIssuer = isResponder(responder, issuer);
  if (isIssuer && isSignedBy(answer, issuer)) return undefined;
  let fault: OcspFault = isIssuer ? 'ocsp-signature-bad' : 'ocsp-responder-not-allowed';
  for (const der of certificates) {
    const parsed = parseCertificate(der);
    if (!parsed.ok || !isResponder(responder, parsed.value)) continue;
    if (!isDelegated(parsed.value, issuer, atMs)) continue;
    if (isSignedBy(answer, parsed.value)) return undefined;
    fault = 'ocsp-signature-bad';
  }
  return fault;
}

function isResponder(responder: Responder, certificate: Certificate): boolean {
  return responder.kind === 'name'
    ? sameName(responder.name, certificate.subjectName)
    : hash('sha1', keyBitsOf(certificate), 'buffer').equals(responder.sha1);
}

/** The authority itself must have signed the delegate, and for this purpose by name (RFC 6960 §4.2.2.2). */
function isDelegated(delegate: Certificate, issuer: Certificate, atMs: number): boolean {
  const { extendedKeyUsage, keyUsage, unhandledCritical, demandsRevocation } = delegate.extensions;
  return (
    extendedKeyUsage?.includes(OCSP_SIGNING) === true &&
    (keyUsage === undefined || (keyUsage & KeyUsage.digitalSignature) !== 0) &&
    unhandledCritical.length === 0 &&
    !demandsRevocation &&
    atMs >= delegate.notBeforeMs &&
    atMs <= delegate.notAfterMs &&
    sameName(delegate.issuerName, issuer.subjectName) &&
    isSignedBy(delegate, issuer)
  );
}

/** The key without the octets that say what it is, as OCSP hashes it (RFC 6960 §4.1.1). */
function keyBitsOf(certificate: Certificate): Buffer {
  const spki = DerReader.over(certificate.spki).enter(Tag.sequence);
  spki.enter(Tag.sequence);
  return spki.octetsOfBitString();
}
