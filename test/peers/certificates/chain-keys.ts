import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { algorithm, der, integer, sequence, type TestKey, testKey } from '../../x509-builder.ts';

/** A key pair with the way in which it signs. */
export interface SigningKey extends TestKey {
  readonly algorithm: Buffer;
  readonly signTbs: (tbs: Buffer, key: KeyObject) => Buffer;
}

type Kind = keyof typeof KINDS;

const pools = new Map<Kind, SigningKey[]>();

/** A key of this kind, the same for equal numbers: large ones take long to make. */
export function keyOf(kind: Kind, number: number): SigningKey {
  const pool = pools.get(kind) ?? [];
  pools.set(kind, pool);
  while (pool.length <= number) pool.push(KINDS[kind]());
  return pool[number] as SigningKey;
}

/** Signs with this hash in the manner of RSASSA-PKCS1-v1_5 or ECDSA. */
export function signedWith(
  hash: string,
  identifier: Buffer,
): Pick<SigningKey, 'algorithm' | 'signTbs'> {
  return { algorithm: identifier, signTbs: (tbs, key) => sign(hash, tbs, key) };
}

const NULL = der(0x05);
const SHA256 = '2.16.840.1.101.3.4.2.1';
export const ECDSA_SHA256: Buffer = algorithm('1.2.840.10045.4.3.2');
export const RSA_SHA256: Buffer = algorithm('1.2.840.113549.1.1.11', NULL);
export const RSA_SHA1: Buffer = algorithm('1.2.840.113549.1.1.5', NULL);

/** RSASSA-PSS with SHA-256 and so many octets of salt. */
export function pss(saltBytes: number): Pick<SigningKey, 'algorithm' | 'signTbs'> {
  const hash = algorithm(SHA256, NULL);
  const parameters = sequence(
    der(0xa0, hash),
    der(0xa1, algorithm('1.2.840.113549.1.1.8', hash)),
    der(0xa2, integer(saltBytes)),
  );
  return {
    algorithm: algorithm('1.2.840.113549.1.1.10', parameters),
    signTbs: (tbs, key) =>
      sign('sha256', tbs, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: saltBytes,
      }),
  };
}

function ec(namedCurve: string, paramEncoding: 'named' | 'explicit' = 'named'): SigningKey {
  const pair = generateKeyPairSync('ec', { namedCurve, paramEncoding });
  return { ...testKey(pair), ...signedWith('sha256', ECDSA_SHA256) };
}

function rsa(modulusLength: number, publicExponent = 65_537): SigningKey {
  const pair = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return { ...testKey(pair), ...signedWith('sha256', RSA_SHA256) };
}

function edwards(type: 'ed25519' | 'ed448', identifier: string): SigningKey {
  const pair = type === 'ed25519' ? generateKeyPairSync(type) : generateKeyPairSync('ed448');
  return {
    ...testKey(pair),
    algorithm: algorithm(identifier),
    signTbs: (tbs, key) => sign(null, tbs, key),
  };
}

const KINDS = {
  p256: () => ec('P-256'),
  p384: () => ec('P-384'),
  p521: () => ec('P-521'),
  p224: () => ec('P-224'),
  koblitz: () => ec('secp256k1'),
  brainpool: () => ec('brainpoolP256r1'),
  explicit: () => ec('P-256', 'explicit'),
  ed25519: () => edwards('ed25519', '1.3.101.112'),
  ed448: () => edwards('ed448', '1.3.101.113'),
  rsa1024: () => rsa(1024),
  rsa2048: () => rsa(2048),
  rsa3072: () => rsa(3072),
  rsa4096: () => rsa(4096),
  rsaExponent3: () => rsa(2048, 3),
  rsaSha1: () => ({ ...rsa(2048), ...signedWith('sha1', RSA_SHA1) }),
  rsaPssSalt32: () => ({ ...rsa(2048), ...pss(32) }),
  rsaPssSalt20: () => ({ ...rsa(2048), ...pss(20) }),
  rsaPssKey: () => ({
    ...testKey(generateKeyPairSync('rsa-pss', { modulusLength: 2048 })),
    ...pss(32),
  }),
} as const;
