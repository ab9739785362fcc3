import { hash } from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import { contextTag, type DerReader, readSigned, Tag } from './der-reader.ts';
import { type DistinguishedName, readDistinguishedName, sameName } from './distinguished-name.ts';
import { type Extensions, noExtensions, readExtensions } from './extensions.ts';
import type { SubjectAltName } from './general-name.ts';
import { type PublicKeyInfo, publicKeyInfo } from './public-key.ts';
import { type SignatureAlgorithm, signatureAlgorithm } from './signature-algorithm.ts';
import { readValidityTime } from './validity-time.ts';

/** Why bytes are not a certificate that this edge can judge. */
export type CertificateFault =
  | 'certificate-too-large'
  | 'certificate-malformed'
  | 'certificate-algorithm-mismatch'
  | 'certificate-extensions-malformed';

/** One parsed X.509 certificate (RFC 5280 §4.1). Being parsed says nothing about trust. */
export interface Certificate {
  readonly der: Buffer;
  /** The part that the issuer signed. */
  readonly tbs: Buffer;
  readonly signature: Buffer;
  /** 1 to 3. */
  readonly version: number;
  /** Two's complement: from 80 up in the first octet, it is negative. */
  readonly serialHex: string;
  readonly issuer: Buffer;
  readonly issuerName: DistinguishedName;
  readonly subject: Buffer;
  readonly subjectName: DistinguishedName;
  readonly subjectCommonNames: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly spki: Buffer;
  /** Base64, the form in which partners exchange pins. */
  readonly spkiSha256: string;
  /** Lower-case hex of the whole certificate. */
  readonly fingerprintSha256: string;
  readonly publicKeyInfo: PublicKeyInfo;
  /** Undefined when it is none that this edge trusts. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined;
  readonly extensions: Extensions;
  readonly subjectAltName: SubjectAltName | undefined;
}

const CERTIFICATE_BYTES_MAX = 32_768;

/**
 * Parses one certificate, strictly DER and with nothing after it; at most 32 KiB.
 *
 * Both statements of the signature algorithm are the same octets (RFC 5280 §4.1.1.2). Serial numbers are read
 * whatever they are, for some public roots have odd ones; a path judges them. The buffer is kept and must not change.
 */
export function parseCertificate(der: Buffer): Result<Certificate, CertificateFault> {
  if (der.length > CERTIFICATE_BYTES_MAX) return err('certificate-too-large');
  const { whole, tbs, algorithm: outerAlgorithm, signature } = readSigned(der);

  const reader = whole.inside(tbs).enter(Tag.sequence);
  const version = readVersion(reader);
  const serial = reader.integer();
  const innerAlgorithm = reader.whole(Tag.sequence);
  const issuer = reader.whole(Tag.sequence);
  const issuerName = readDistinguishedName(whole.inside(issuer));
  const validity = reader.enter(Tag.sequence);
  const notBeforeMs = readValidityTime(validity);
  const notAfterMs = readValidityTime(validity);
  validity.finish();
  const subject = reader.whole(Tag.sequence);
  const subjectName = readDistinguishedName(whole.inside(subject));
  const spki = reader.whole(Tag.sequence);
  const keyInfo = publicKeyInfo(whole.inside(spki));
  if (version >= 2) skipUniqueIds(reader);
  if (whole.failed) return err('certificate-malformed');

  const extensions = version === 3 ? readExplicitExtensions(reader) : noExtensions;
  if (whole.failed) return err('certificate-extensions-malformed');
  reader.finish();
  if (whole.failed) return err('certificate-malformed');
  if (!innerAlgorithm.equals(outerAlgorithm)) return err('certificate-algorithm-mismatch');
  return ok({
    der,
    tbs,
    signature,
    version,
    serialHex: serial.toString('hex'),
    issuer,
    issuerName,
    subject,
    subjectName,
    subjectCommonNames: subjectName.commonNames,
    notBeforeMs,
    notAfterMs,
    spki,
    spkiSha256: hash('sha256', spki, 'base64'),
    fingerprintSha256: hash('sha256', der, 'hex'),
    publicKeyInfo: keyInfo,
    signatureAlgorithm: signatureAlgorithm(innerAlgorithm),
    extensions,
    subjectAltName: extensions.subjectAltName,
  });
}

/** Whether issuer and subject are one name, in whatever string types they are written (RFC 5280 §3.2, §7.1). */
export function isSelfIssued({ issuerName, subjectName }: Certificate): boolean {
  return sameName(issuerName, subjectName);
}

/** Reads the version, 1 to 3; the default, 1, is never written out (X.690 §11.5). */
export function readVersion(reader: DerReader): number {
  if (reader.peek() !== contextTag(0, true)) return 1;
  const explicit = reader.enter(contextTag(0, true));
  const version = explicit.smallInteger(2) + 1;
  explicit.finish();
  if (version === 1) reader.fail();
  return version;
}

/** Passes over unique identifiers, which tell reused names apart; nobody may use them (RFC 5280 §4.1.2.8). */
export function skipUniqueIds(reader: DerReader): void {
  for (const number of [1, 2]) {
    const tag = contextTag(number, false);
    if (reader.peek() === tag) reader.bits(tag);
  }
}

function readExplicitExtensions(reader: DerReader): Extensions {
  if (reader.peek() !== contextTag(3, true)) return noExtensions;
  const explicit = reader.enter(contextTag(3, true));
  const extensions = readExtensions(explicit);
  explicit.finish();
  return extensions;
}
