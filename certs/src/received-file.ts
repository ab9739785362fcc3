import { hash } from 'node:crypto';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import type { TrustContent } from '@sallyport/shared/x509/trust-fingerprint.ts';
import { whyUnreadable } from '@sallyport/shared/x509/unreadable-certificate.ts';
import { type BerElement, parseBer } from './ber-element.ts';
import { CERTIFICATES_MAX, FILE_BYTES_MAX, type FileFault, fileFault } from './file-fault.ts';
import { type Offer, readOffer, trustOfOffer } from './offer.ts';
import { offerVersion } from './offer-document.ts';
import { otherBeginning, otherDerContents, otherPemContents } from './other-contents.ts';
import { bareBase64, isPem, readPem, textOfFile } from './pem-file.ts';
import { readPkcs7 } from './pkcs7-reader.ts';
import { isPkcs12, readPkcs12 } from './pkcs12-reader.ts';
import { type CertificateSet, isSelfSigned, sortCertificates } from './received-set.ts';

/** Formats that partners send. */
export type ReceivedFormat = 'sallyport' | 'pem' | 'der' | 'pkcs7' | 'pkcs12';

/** What one file of a partner holds; nothing in it is trusted yet. */
export interface ReceivedFile extends CertificateSet {
  readonly format: ReceivedFormat;
  /** Of the file as it came, hexadecimal. */
  readonly sha256: string;
  /** All of them in the order of the file, repetitions included. */
  readonly certificates: readonly Certificate[];
  /** Base64 SHA-256 of public keys; only offers of our own format have any. */
  readonly pins: readonly string[];
  readonly offer?: Offer;
  /** Private keys that the file held and that were not opened: a partner should not send them. */
  readonly privateKeysIgnored: number;
}

/** How to read a file. */
export interface ReceivedFileOptions {
  /** Of a PKCS#12 file. */
  readonly password?: string;
  /** SHA-256 of certificates that shall be anchors though they are not self-signed, hexadecimal. */
  readonly roots?: readonly string[];
  /** Base64 SPKI of keys that may sign this partner's offers; none: a first offer speaks for itself. */
  readonly signingKeys?: readonly string[];
}

/**
 * Reads what a partner sent: an offer of ours, PEM, DER, PKCS#7 or PKCS#12, told apart by content, never by name.
 *
 * All or nothing, in well under a second whatever the file asks for: at most 1 MiB, 64 certificates, 32 levels,
 * and a budget of key-derivation rounds. Private keys are counted and left closed.
 */
export function readReceivedFile(
  bytes: Buffer,
  options: ReceivedFileOptions = {},
): Result<ReceivedFile, FileFault> {
  if (bytes.length === 0) return fileFault('file-empty');
  if (bytes.length > FILE_BYTES_MAX) return fileFault('file-too-large');
  const found = readAny(bytes, options);
  if (!found.ok) return found;
  const { ders, format, privateKeys, offer } = found.value;
  const certificates = parseAll(ders);
  if (!certificates.ok) return certificates;
  const isNamed = (one: Certificate) =>
    isSelfSigned(one) || options.roots?.includes(one.fingerprintSha256) === true;
  const isOffered = (one: Certificate) =>
    offer?.anchors.some((der) => der.equals(one.der)) === true;
  return ok({
    ...sortCertificates(certificates.value, offer === undefined ? isNamed : isOffered),
    certificates: certificates.value,
    format,
    sha256: hash('sha256', bytes),
    pins: offer?.pins ?? [],
    ...(offer === undefined ? {} : { offer }),
    privateKeysIgnored: privateKeys,
  });
}

/** What would be trusted if the file was: what its fingerprint is taken of. */
export function trustOfFile(file: ReceivedFile): TrustContent {
  if (file.offer !== undefined) return trustOfOffer(file.offer);
  return {
    anchors: file.anchors.map(({ der }) => der),
    intermediates: file.intermediates.map(({ der }) => der),
    pins: file.pins,
    signingKeys: [],
  };
}

interface Found {
  readonly format: ReceivedFormat;
  readonly ders: readonly Buffer[];
  readonly privateKeys: number;
  readonly offer?: Offer;
}

function readAny(bytes: Buffer, options: ReceivedFileOptions): Result<Found, FileFault> {
  const text = textOfFile(bytes);
  if (text === undefined) return readBinary(bytes, options);
  if (offerVersion(text) !== undefined) {
    const offer = readOffer(bytes, options.signingKeys ?? []);
    if (!offer.ok) return offer;
    const { certificates } = offer.value;
    return ok({ format: 'sallyport', ders: certificates, privateKeys: 0, offer: offer.value });
  }
  if (isPem(text)) return readText(text);
  const decoded = bareBase64(text);
  if (decoded !== undefined) return readBinary(decoded, options);
  return fileFault('file-format-unknown', PAGE.test(text) ? A_PAGE : '');
}

/** A sheet that comes with an offer is one, and looks like what was sent. */
const PAGE = /^\s*<(?:!doctype html|html)\b/i;
const A_PAGE = 'it is a page for people; what came with it ends in .json, .pem or .p7b';

function readText(text: string): Result<Found, FileFault> {
  const pem = readPem(text);
  if (!pem.ok) return fileFault('file-malformed', 'a PEM block is cut off or is no base64');
  const ders = [...pem.value.certificates];
  for (const block of pem.value.pkcs7) {
    const bag = parseFile(block);
    if (!bag.ok) return bag;
    const inside = readPkcs7(bag.value);
    if (!inside.ok) return inside;
    ders.push(...inside.value);
  }
  if (ders.length === 0) return fileFault('certificates-none', otherPemContents(pem.value.labels));
  const { certificates, pkcs7, privateKeys } = pem.value;
  const format = certificates.length === 0 && pkcs7.length > 0 ? 'pkcs7' : 'pem';
  return ok({ format, ders, privateKeys });
}

function readBinary(bytes: Buffer, options: ReceivedFileOptions): Result<Found, FileFault> {
  if (parseCertificate(bytes).ok) return ok({ format: 'der', ders: [bytes], privateKeys: 0 });
  const file = parseFile(bytes);
  if (!file.ok) return file;
  if (isPkcs12(file.value)) {
    const contents = readPkcs12(file.value, options.password);
    if (!contents.ok) return contents;
    const { certificates, privateKeys } = contents.value;
    return ok({ format: 'pkcs12', ders: certificates, privateKeys });
  }
  const [first] = file.value.children;
  const other = otherDerContents(file.value);
  if (other !== '') return fileFault('certificates-none', other);
  // A certificate begins with a sequence, ContentInfo with an identifier.
  if (first?.tag === 0x30) return ok({ format: 'der', ders: [file.value.whole], privateKeys: 0 });
  const certificates = readPkcs7(file.value);
  return certificates.ok
    ? ok({ format: 'pkcs7', ders: certificates.value, privateKeys: 0 })
    : certificates;
}

function parseFile(bytes: Buffer): Result<BerElement, FileFault> {
  if (bytes[0] !== 0x30) return fileFault('file-format-unknown', otherBeginning(bytes));
  const file = parseBer(bytes);
  if (file.ok) return file;
  return fileFault(file.error === 'ber-truncated' ? 'file-truncated' : 'file-malformed');
}

function parseAll(ders: readonly Buffer[]): Result<readonly Certificate[], FileFault> {
  if (ders.length === 0) return fileFault('certificates-none');
  if (ders.length > CERTIFICATES_MAX) return fileFault('certificates-too-many');
  const certificates: Certificate[] = [];
  for (const [n, der] of ders.entries()) {
    const certificate = parseCertificate(der);
    if (!certificate.ok) {
      return fileFault('certificate-malformed', `number ${n + 1}: ${whyUnreadable(der)}`);
    }
    certificates.push(certificate.value);
  }
  return ok(certificates);
}
