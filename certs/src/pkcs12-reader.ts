import { createHmac, timingSafeEqual } from 'node:crypto';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { contextTag } from '@sallyport/shared/x509/der-reader.ts';
import { type BerElement, identifierOf, numberOf, octetsOf, parseBer } from './ber-element.ts';
import {
  decryptWithPassword,
  derivePbkdf2,
  deriveWithin,
  type FilePassword,
  HMAC_HASHES,
  RoundBudget,
} from './file-encryption.ts';
import { type FileFault, fileFault } from './file-fault.ts';
import { ContentType } from './pkcs7-reader.ts';
import { KeyPurpose, PKCS12_HASHES, type Pkcs12Hash, pkcs12Password } from './pkcs12-key.ts';

/** What a PKCS#12 file holds that concerns us. */
export interface Pkcs12Contents {
  readonly certificates: readonly Buffer[];
  /** Keys that were passed over, unopened. */
  readonly privateKeys: number;
}

const BAGS = '1.2.840.113549.1.12.10.1';
const Bag = {
  key: `${BAGS}.1`,
  shroudedKey: `${BAGS}.2`,
  certificate: `${BAGS}.3`,
  nested: `${BAGS}.6`,
} as const;
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const PBMAC1 = '1.2.840.113549.1.5.14';
const NESTING_MAX = 4;

const MAC_HASHES: ReadonlyMap<string, Pkcs12Hash> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
] as const);

/** Whether a file is PFX by its outside (RFC 7292 §4): version 3 and a ContentInfo. */
export function isPkcs12(file: BerElement): boolean {
  const [version, authSafe] = file.children;
  return (
    numberOf(version, 3) === 3 &&
    identifierOf(authSafe?.children[0]).startsWith('1.2.840.113549.1.7.')
  );
}

/**
 * Takes the certificates out of a PKCS#12 file (RFC 7292), legacy and modern encryption; private keys stay closed.
 *
 * The MAC is proven first (RFC 7292 §4, or PBMAC1 of RFC 9579), so that a wrong password is told from damage.
 * Without a password the empty one is tried. All key derivations of a file share one budget of rounds.
 * Files that are guarded by public keys instead of passwords are not supported.
 */
export function readPkcs12(
  file: BerElement,
  password: string | undefined,
): Result<Pkcs12Contents, FileFault> {
  const budget = new RoundBudget();
  const [, authSafe, macParameters] = file.children;
  const content = contentOf(authSafe);
  if (content === undefined)
    return fileFault('encryption-unsupported', 'not guarded by a password');
  const text = password ?? '';
  const guarded = macParameters
    ? verifyMac(macParameters, content, text, budget)
    : ok({ text, octets: pkcs12Password(text) });
  const contents = guarded.ok ? readSafe(content, guarded.value, budget) : guarded;
  const isGuess =
    password === undefined && !contents.ok && contents.error.code === 'password-wrong';
  return isGuess ? fileFault('password-missing') : contents;
}

function readSafe(
  content: Buffer,
  password: FilePassword,
  budget: RoundBudget,
): Result<Pkcs12Contents, FileFault> {
  const safe = parseBer(content);
  if (!safe.ok) return fileFault('file-malformed');
  const certificates: Buffer[] = [];
  let privateKeys = 0;
  for (const part of safe.value.children) {
    const bags = openPart(part, password, budget);
    if (!bags.ok) return bags;
    const found = readBags(bags.value, 0);
    if (!found.ok) return found;
    certificates.push(...found.value.certificates);
    privateKeys += found.value.privateKeys;
  }
  return ok({ certificates, privateKeys });
}

/** The bags of one ContentInfo, in the open or encrypted with the password. */
function openPart(
  part: BerElement,
  password: FilePassword,
  budget: RoundBudget,
): Result<readonly BerElement[], FileFault> {
  const type = identifierOf(part.children[0]);
  if (type === ContentType.content) return bagsOf(contentOf(part), 'file-malformed');
  if (type !== ContentType.encrypted) return fileFault('encryption-unsupported', type);
  // EncryptedData: version, then type, algorithm and octets of the content (RFC 5652 §6.1, §8).
  const [, algorithm, octets] = part.children[1]?.children[0]?.children[1]?.children ?? [];
  const encrypted = octetsOf(octets);
  if (encrypted === undefined) return fileFault('file-malformed');
  const opened = decryptWithPassword(algorithm, encrypted, password, budget);
  // One wrong password in 256 leaves a padding that fits, and what it uncovers is no list of bags.
  return opened.ok ? bagsOf(opened.value, 'password-wrong') : opened;
}

function bagsOf(
  content: Buffer | undefined,
  fault: 'file-malformed' | 'password-wrong',
): Result<readonly BerElement[], FileFault> {
  const bags = content && parseBer(content);
  return bags?.ok === true ? ok(bags.value.children) : fileFault(fault);
}

function readBags(bags: readonly BerElement[], nesting: number): Result<Pkcs12Contents, FileFault> {
  const certificates: Buffer[] = [];
  let privateKeys = 0;
  for (const bag of bags) {
    const type = identifierOf(bag.children[0]);
    const value = bag.children[1]?.children[0];
    if (type === Bag.key || type === Bag.shroudedKey) privateKeys++;
    if (type === Bag.certificate && identifierOf(value?.children[0]) === X509_CERTIFICATE) {
      const certificate = octetsOf(value?.children[1]?.children[0]);
      if (certificate === undefined) return fileFault('file-malformed');
      certificates.push(certificate);
    }
    if (type !== Bag.nested) continue;
    if (nesting >= NESTING_MAX) return fileFault('file-malformed', 'nested too deeply');
    const inner = readBags(value?.children ?? [], nesting + 1);
    if (!inner.ok) return inner;
    certificates.push(...inner.value.certificates);
    privateKeys += inner.value.privateKeys;
  }
  return ok({ certificates, privateKeys });
}

/** Content of a ContentInfo of plain octets. */
function contentOf(info: BerElement | undefined): Buffer | undefined {
  const [type, explicit] = info?.children ?? [];
  if (identifierOf(type) !== ContentType.content || explicit?.tag !== contextTag(0, true)) {
    return undefined;
  }
  return octetsOf(explicit.children[0]);
}

/** The password as the MAC proved that the file's author spelt it. */
function verifyMac(
  parameters: BerElement,
  content: Buffer,
  password: string,
  budget: RoundBudget,
): Result<FilePassword, FileFault> {
  const [digestInfo, saltElement, iterationsElement] = parameters.children;
  const [algorithm, digestElement] = digestInfo?.children ?? [];
  const digest = octetsOf(digestElement);
  const salt = octetsOf(saltElement);
  if (digest === undefined || salt === undefined) return fileFault('file-malformed');
  const type = identifierOf(algorithm?.children[0]);
  if (type === PBMAC1) return verifyPbmac1(algorithm, digest, content, password, budget);
  const hash = MAC_HASHES.get(type);
  if (hash === undefined) return fileFault('encryption-unsupported', type);
  const iterations = iterationsElement ? numberOf(iterationsElement, 2 ** 31 - 1) : 1;
  if (iterations === undefined) return fileFault('file-malformed');
  const { octets } = PKCS12_HASHES[hash];
  // Some programs take no password for no octets at all, others for the zero at its end.
  const spellings =
    password === '' ? [pkcs12Password(''), Buffer.alloc(0)] : [pkcs12Password(password)];
  for (const spelling of spellings) {
    const derivation = { hash, purpose: KeyPurpose.mac, salt, iterations, octets };
    const key = deriveWithin(budget, spelling, derivation);
    if (!key.ok) return key;
    if (isSame(createHmac(hash, key.value).update(content).digest(), digest))
      return ok({ text: password, octets: spelling });
  }
  return fileFault('password-wrong');
}

/** RFC 9579 §3: PBKDF2 and an HMAC, each with its AlgorithmIdentifier. */
function verifyPbmac1(
  algorithm: BerElement | undefined,
  digest: Buffer,
  content: Buffer,
  password: string,
  budget: RoundBudget,
): Result<FilePassword, FileFault> {
  const [derivation, scheme] = algorithm?.children[1]?.children ?? [];
  const hash = HMAC_HASHES.get(identifierOf(scheme?.children[0]));
  if (hash === undefined) return fileFault('encryption-unsupported');
  const key = derivePbkdf2(derivation, password, undefined, budget);
  if (!key.ok) return key;
  const isRight = isSame(createHmac(hash, key.value).update(content).digest(), digest);
  return isRight
    ? ok({ text: password, octets: pkcs12Password(password) })
    : fileFault('password-wrong');
}

function isSame(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
