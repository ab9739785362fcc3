import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import { contextTag, type DerReader, readSigned, Tag } from './der-reader.ts';
import { der, integer, objectIdentifier, octetString, sequence, setOf } from './der-writer.ts';
import { readExtensions } from './extensions.ts';
import { type PublicKeyInfo, publicKeyInfo } from './public-key.ts';
import { signatureAlgorithm } from './signature-algorithm.ts';
import { spkiDer } from './spki.ts';

/** Why bytes are no request that a certificate may be issued for. */
export type CertificationRequestFault =
  | 'request-too-large'
  | 'request-malformed'
  | 'request-key-refused'
  | 'request-signature-bad';

/** A request whose sender has proven to hold the key. What it asks for is a wish, not a right. */
export interface CertificationRequest {
  readonly der: Buffer;
  readonly spki: Buffer;
  readonly publicKeyInfo: PublicKeyInfo;
  readonly uris: readonly string[];
  /** SHA-256 of the public key in lower-case hexadecimal: what two people compare. */
  readonly keyFingerprint: string;
}

const REQUEST_BYTES_MAX = 8192;
const COMMON_NAME = objectIdentifier('2.5.4.3');
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SUBJECT_ALT_NAME = objectIdentifier('2.5.29.17');
const ECDSA_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const URI = contextTag(6, false);

/**
 * Writes a PKCS#10 request (RFC 2986) for a P-256 key with one URI in its subjectAltName.
 *
 * Written by hand because the edge has no third-party package to do it, and needs no more than this.
 */
export function encodeCertificationRequest(
  privateKey: KeyObject,
  commonName: string,
  uri: string,
): Buffer {
  const spki = spkiDer(privateKey);
  const name = sequence(
    setOf(sequence(COMMON_NAME, der(Tag.utf8String, Buffer.from(commonName, 'utf8')))),
  );
  const names = sequence(der(URI, Buffer.from(uri, 'latin1')));
  const extensions = sequence(sequence(SUBJECT_ALT_NAME, octetString(names)));
  const attribute = sequence(objectIdentifier(EXTENSION_REQUEST), setOf(extensions));
  const info = sequence(integer(0), name, spki, der(contextTag(0, true), attribute));
  const signature = sign('sha256', info, privateKey);
  return sequence(info, ECDSA_SHA256, der(Tag.bitString, Buffer.from([0]), signature));
}

/**
 * Reads a PKCS#10 request strictly: at most 8 KiB, a P-256 key, one attribute, and proof of possession.
 *
 * Stricter than the standard, since only our own program and its operators write such requests.
 */
export function parseCertificationRequest(
  bytes: Buffer,
): Result<CertificationRequest, CertificationRequestFault> {
  if (bytes.length > REQUEST_BYTES_MAX) return err('request-too-large');
  const { whole, tbs: info, algorithm, signature } = readSigned(bytes);

  const reader = whole.inside(info).enter(Tag.sequence);
  reader.smallInteger(0);
  reader.whole(Tag.sequence);
  const spki = reader.whole(Tag.sequence);
  const uris = readUris(reader);
  reader.finish();
  const keyInfo = publicKeyInfo(whole.inside(spki));
  if (whole.failed) return err('request-malformed');
  if (keyInfo.curve !== 'P-256') return err('request-key-refused');
  const { scheme, hash: digest } = signatureAlgorithm(algorithm) ?? {};
  if (scheme !== 'ecdsa' || digest === undefined) return err('request-signature-bad');
  if (!isSigned(info, digest, spki, signature)) return err('request-signature-bad');
  return ok({
    der: bytes,
    spki,
    publicKeyInfo: keyInfo,
    uris,
    keyFingerprint: hash('sha256', spki, 'hex'),
  });
}

/** The names in the extensions that are asked for; any other attribute is a breach. */
function readUris(reader: DerReader): readonly string[] {
  const attributes = reader.enter(contextTag(0, true));
  const attribute = attributes.enter(Tag.sequence);
  if (attribute.objectIdentifier() !== EXTENSION_REQUEST) attribute.fail();
  const values = attribute.enter(Tag.set);
  const { subjectAltName } = readExtensions(values);
  values.finish();
  attribute.finish();
  attributes.finish();
  return subjectAltName?.uri ?? [];
}

function isSigned(info: Buffer, digest: string, spki: Buffer, signature: Buffer): boolean {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return verify(digest, info, key, signature);
  } catch {
    // OpenSSL throws for points off the curve.
    return false;
  }
}
