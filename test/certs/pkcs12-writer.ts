import {
  createCipheriv,
  createHmac,
  createPrivateKey,
  hash,
  pbkdf2Sync,
  randomBytes,
} from 'node:crypto';
import { ContentType } from '@sallyport/certs/pkcs7-reader.ts';
import { derivePkcs12Key, KeyPurpose, pkcs12Password } from '@sallyport/certs/pkcs12-key.ts';
import { contextTag, Tag } from '@sallyport/shared/x509/der-reader.ts';
import {
  der,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from '@sallyport/shared/x509/der-writer.ts';

/** What goes into a PKCS#12 file. */
export interface Pkcs12Draft {
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[];
  /** PKCS#8 PEM of the leaf's key. */
  readonly privateKeyPem?: string;
  /** The name under which other programs show the entry. */
  readonly friendlyName: string;
  readonly password: string;
}

const Oid = {
  keyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

const PBKDF2_ITERATIONS = 200_000;
/** Each costs a hundred times as much here as in programs that guess; the file's MAC is no better guarded by more. */
const MAC_ITERATIONS = 50_000;
const SALT_OCTETS = 16;

/**
 * Writes certificates, and the key if there is one, as PKCS#12 (RFC 7292) with AES-256 and SHA-256.
 *
 * OpenSSL 1.1 and later, Java 8u301, Windows Server 2019 and their successors open it; RC2 and 3DES are
 * not written. The certificates are encrypted as well.
 */
export function encodePkcs12(draft: Pkcs12Draft): Buffer {
  const [leaf] = draft.certificates;
  const keyId = leaf === undefined ? Buffer.alloc(0) : hash('sha1', leaf, 'buffer');
  const certificates = draft.certificates.map((certificate, n) =>
    certificateBag(certificate, n === 0 ? attributes(draft.friendlyName, keyId) : undefined),
  );
  const parts = [encryptedData(sequence(...certificates), draft.password)];
  if (draft.privateKeyPem !== undefined) {
    const key = createPrivateKey(draft.privateKeyPem).export({ type: 'pkcs8', format: 'der' });
    const bag = bagOf(
      Oid.keyBag,
      sequence(...encrypt(key, draft.password, Tag.octetString)),
      attributes(draft.friendlyName, keyId),
    );
    parts.push(plainData(sequence(bag)));
  }
  const content = sequence(...parts);
  return sequence(integer(3), plainData(content), macOf(content, draft.password));
}

function certificateBag(certificate: Uint8Array, attributeSet: Buffer | undefined): Buffer {
  const value = sequence(objectIdentifier(Oid.x509Certificate), explicit(octetString(certificate)));
  return bagOf(Oid.certificateBag, value, attributeSet);
}

function bagOf(type: string, value: Buffer, attributeSet: Buffer | undefined): Buffer {
  return sequence(objectIdentifier(type), explicit(value), attributeSet ?? Buffer.alloc(0));
}

/** What joins the key to its certificate, and the name for people (RFC 7292 §4.2). */
function attributes(friendlyName: string, keyId: Buffer): Buffer {
  const name = der(Tag.bmpString, Buffer.from(friendlyName, 'utf16le').swap16());
  return setOf(
    sequence(objectIdentifier(Oid.localKeyId), setOf(octetString(keyId))),
    sequence(objectIdentifier(Oid.friendlyName), setOf(name)),
  );
}

function plainData(content: Buffer): Buffer {
  return sequence(objectIdentifier(ContentType.content), explicit(octetString(content)));
}

function encryptedData(content: Buffer, password: string): Buffer {
  const contentInfo = sequence(
    objectIdentifier(ContentType.content),
    ...encrypt(content, password, contextTag(0, false)),
  );
  return sequence(
    objectIdentifier(ContentType.encrypted),
    explicit(sequence(integer(0), contentInfo)),
  );
}

/** PBES2 (RFC 8018 §6.2): its AlgorithmIdentifier, and the encrypted octets under a tag. */
function encrypt(content: Buffer, password: string, tag: number): [Buffer, Buffer] {
  const salt = randomBytes(SALT_OCTETS);
  const iv = randomBytes(16);
  const key = pbkdf2Sync(password, salt, PBKDF2_ITERATIONS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const encrypted = Buffer.concat([cipher.update(content), cipher.final()]);
  const prf = sequence(objectIdentifier(Oid.hmacSha256), der(Tag.null));
  const derivation = sequence(octetString(salt), integer(PBKDF2_ITERATIONS), prf);
  const algorithm = sequence(
    objectIdentifier(Oid.pbes2),
    sequence(
      sequence(objectIdentifier(Oid.pbkdf2), derivation),
      sequence(objectIdentifier(Oid.aes256Cbc), octetString(iv)),
    ),
  );
  return [algorithm, der(tag, encrypted)];
}

function macOf(content: Buffer, password: string): Buffer {
  const salt = randomBytes(SALT_OCTETS);
  const key = derivePkcs12Key(pkcs12Password(password), {
    hash: 'sha256',
    purpose: KeyPurpose.mac,
    salt,
    iterations: MAC_ITERATIONS,
    octets: 32,
  });
  const digest = createHmac('sha256', key).update(content).digest();
  const algorithm = sequence(objectIdentifier(Oid.sha256), der(Tag.null));
  return sequence(
    sequence(algorithm, octetString(digest)),
    octetString(salt),
    integer(MAC_ITERATIONS),
  );
}

function explicit(content: Buffer): Buffer {
  return der(contextTag(0, true), content);
}
