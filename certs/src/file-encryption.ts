import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { ok, type Result } from '@sallyport/shared/result.ts';
import forge from 'node-forge';
import { type BerElement, identifierOf, numberOf, octetsOf } from './ber-element.ts';
import { type FileFault, fileFault } from './file-fault.ts';
import { derivePkcs12Key, KeyPurpose, PKCS12_HASHES, type Pkcs12Derivation } from './pkcs12-key.ts';

/** Rounds of the slow derivation that one file may cost: well under a second. */
const ROUNDS_MAX = 400_000;
/** PBKDF2 runs in OpenSSL, several times as fast. */
const PBKDF2_ROUNDS_PER_ROUND = 4;
const ITERATIONS_MAX = 2_000_000;
/** RC2 has to be done in JavaScript, at some 19 microseconds for each octet: about 50 kB may be. */
const RC2_ROUNDS_PER_OCTET = 8;

/** What may still be spent on one file; whoever wrote it chose the price. */
export class RoundBudget {
  #left: number = ROUNDS_MAX;

  /** Whether that much was left. */
  spend(rounds: number): boolean {
    this.#left -= rounds;
    return this.#left >= 0;
  }
}

/** The slow derivation within the budget. */
export function deriveWithin(
  budget: RoundBudget,
  password: Buffer,
  derivation: Pkcs12Derivation,
): Result<Buffer, FileFault> {
  const blocks = Math.ceil(derivation.octets / PKCS12_HASHES[derivation.hash].octets);
  if (!budget.spend(derivation.iterations * blocks)) return fileFault('encryption-too-costly');
  return ok(derivePkcs12Key(password, derivation));
}

const PBKDF2 = '1.2.840.113549.1.5.12';
const PBES2 = '1.2.840.113549.1.5.13';
const KEY_OCTETS_MAX = 64;
const SALT_OCTETS_MAX = 1024;

/** Pseudo-random functions of PBKDF2, by HMAC (RFC 8018 §B.1). */
export const HMAC_HASHES: ReadonlyMap<string, 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'> =
  new Map([
    ['1.2.840.113549.2.7', 'sha1'],
    ['1.2.840.113549.2.8', 'sha224'],
    ['1.2.840.113549.2.9', 'sha256'],
    ['1.2.840.113549.2.10', 'sha384'],
    ['1.2.840.113549.2.11', 'sha512'],
  ] as const);

const PBES2_CIPHERS: ReadonlyMap<string, { cipher: string; octets: number }> = new Map([
  ['2.16.840.1.101.3.4.1.2', { cipher: 'aes-128-cbc', octets: 16 }],
  ['2.16.840.1.101.3.4.1.22', { cipher: 'aes-192-cbc', octets: 24 }],
  ['2.16.840.1.101.3.4.1.42', { cipher: 'aes-256-cbc', octets: 32 }],
  ['1.2.840.113549.3.7', { cipher: 'des-ede3-cbc', octets: 24 }],
]);

/** The old schemes with SHA-1 (RFC 7292 §C); those with RC4 have no block and are not known to be in use. */
const PBE_CIPHERS: ReadonlyMap<string, { cipher: string; octets: number }> = new Map([
  ['1.2.840.113549.1.12.1.3', { cipher: 'des-ede3-cbc', octets: 24 }],
  ['1.2.840.113549.1.12.1.4', { cipher: 'des-ede-cbc', octets: 16 }],
  ['1.2.840.113549.1.12.1.5', { cipher: 'rc2', octets: 16 }],
  ['1.2.840.113549.1.12.1.6', { cipher: 'rc2', octets: 5 }],
]);

/** A password in both forms that files are encrypted with. */
export interface FilePassword {
  readonly text: string;
  /** For PKCS#12's own schemes; no password is the zero at its end to some programs, and nothing to others. */
  readonly octets: Buffer;
}

/** Opens what an AlgorithmIdentifier says was encrypted with a password: PBES2, or PKCS#12's own with 3DES or RC2. */
export function decryptWithPassword(
  algorithm: BerElement | undefined,
  encrypted: Buffer,
  password: FilePassword,
  budget: RoundBudget,
): Result<Buffer, FileFault> {
  const [type, parameters] = algorithm?.children ?? [];
  const name = identifierOf(type);
  if (name === PBES2) return decryptPbes2(parameters, encrypted, password.text, budget);
  const scheme = PBE_CIPHERS.get(name);
  if (scheme === undefined) return fileFault('encryption-unsupported', name);
  const salt = octetsOf(parameters?.children[0]);
  const iterations = numberOf(parameters?.children[1], 2 ** 31 - 1);
  if (salt === undefined || salt.length > SALT_OCTETS_MAX || iterations === undefined) {
    return fileFault('file-malformed');
  }
  if (scheme.cipher === 'rc2' && !budget.spend(encrypted.length * RC2_ROUNDS_PER_OCTET)) {
    return fileFault('encryption-too-costly');
  }
  const derive = (purpose: Pkcs12Derivation['purpose'], octets: number) =>
    deriveWithin(budget, password.octets, {
      hash: 'sha1',
      purpose,
      salt,
      iterations,
      octets,
    });
  const key = derive(KeyPurpose.encryption, scheme.octets);
  if (!key.ok) return key;
  const iv = derive(KeyPurpose.initialVector, 8);
  if (!iv.ok) return iv;
  return decrypt(scheme.cipher, key.value, iv.value, encrypted);
}

/** Derives a key from PBKDF2's AlgorithmIdentifier (RFC 8018 §A.2). */
export function derivePbkdf2(
  algorithm: BerElement | undefined,
  password: string,
  octets: number | undefined,
  budget: RoundBudget,
): Result<Buffer, FileFault> {
  const [type, parameters] = algorithm?.children ?? [];
  if (identifierOf(type) !== PBKDF2) return fileFault('encryption-unsupported', identifierOf(type));
  const [saltElement, iterationsElement, ...rest] = parameters?.children ?? [];
  const salt = octetsOf(saltElement);
  const iterations = numberOf(iterationsElement, 2 ** 31 - 1);
  const prf = rest.find((child) => child.children.length > 0);
  const digest = prf === undefined ? 'sha1' : HMAC_HASHES.get(identifierOf(prf.children[0]));
  const said = numberOf(
    rest.find((child) => child.children.length === 0),
    KEY_OCTETS_MAX,
  );
  const wanted = octets ?? said;
  if (salt === undefined || salt.length > SALT_OCTETS_MAX) return fileFault('file-malformed');
  if (iterations === undefined || wanted === undefined) return fileFault('file-malformed');
  if (digest === undefined) return fileFault('encryption-unsupported');
  const rounds = Math.ceil(iterations / PBKDF2_ROUNDS_PER_ROUND) * Math.ceil(wanted / 20);
  if (iterations > ITERATIONS_MAX || !budget.spend(rounds)) {
    return fileFault('encryption-too-costly');
  }
  return ok(pbkdf2Sync(password, salt, iterations, wanted, digest));
}

function decryptPbes2(
  parameters: BerElement | undefined,
  encrypted: Buffer,
  password: string,
  budget: RoundBudget,
): Result<Buffer, FileFault> {
  const [derivation, scheme] = parameters?.children ?? [];
  const name = identifierOf(scheme?.children[0]);
  const cipher = PBES2_CIPHERS.get(name);
  if (cipher === undefined) return fileFault('encryption-unsupported', name);
  const iv = octetsOf(scheme?.children[1]);
  if (iv === undefined) return fileFault('file-malformed');
  const key = derivePbkdf2(derivation, password, cipher.octets, budget);
  return key.ok ? decrypt(cipher.cipher, key.value, iv, encrypted) : key;
}

/** Padding that does not fit is nearly always a wrong password; OpenSSL throws for it. */
function decrypt(
  cipher: string,
  key: Buffer,
  iv: Buffer,
  encrypted: Buffer,
): Result<Buffer, FileFault> {
  if (cipher === 'rc2') return decryptRc2(key, iv, encrypted);
  try {
    const decipher = createDecipheriv(cipher, key, iv);
    return ok(Buffer.concat([decipher.update(encrypted), decipher.final()]));
  } catch {
    return fileFault('password-wrong');
  }
}

/** RC2 is gone from OpenSSL 3 and still in every file that older Windows wrote. */
function decryptRc2(key: Buffer, iv: Buffer, encrypted: Buffer): Result<Buffer, FileFault> {
  if (encrypted.length === 0 || encrypted.length % 8 !== 0) return fileFault('file-malformed');
  const decipher = forge.rc2.createDecryptionCipher(key.toString('latin1'), key.length * 8);
  decipher.start(iv.toString('latin1'));
  decipher.update(forge.util.createBuffer(encrypted.toString('latin1')));
  if (!decipher.finish()) return fileFault('password-wrong');
  return ok(Buffer.from(decipher.output.getBytes(), 'latin1'));
}
