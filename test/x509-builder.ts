import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { MlDsa } from '@sallyport/shared/x509/ml-dsa.ts';

/** A key pair that a test certificate is made for or signed with. */
export interface TestKey {
  readonly privateKey: KeyObject;
  readonly spki: Buffer;
}

/** What to put into a test certificate; whatever is absent gets a value that passes validation. */
export interface CertificateDraft {
  readonly subject: string | Buffer;
  readonly key: TestKey;
  /** Who signs; absent for a self-signed certificate. */
  readonly issuer?: { readonly subject: string | Buffer; readonly key: TestKey };
  readonly serial?: Buffer;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly validity?: Buffer;
  readonly version?: number;
  readonly extensions?: readonly Buffer[];
  /** The two AlgorithmIdentifiers and the hash, where they should not be ECDSA with SHA-256. */
  readonly innerAlgorithm?: Buffer;
  readonly outerAlgorithm?: Buffer;
  readonly signTbs?: (tbs: Buffer, key: KeyObject) => Buffer;
}

/** A moment inside the default validity of every built certificate. */
export const TEST_TIME_MS: number = Date.UTC(2026, 5, 1);

export const Oid = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  sipDomain: '1.3.6.1.5.5.7.3.20',
  anyPurpose: '2.5.29.37.0',
  anyPolicy: '2.5.29.32.0',
} as const;

/** A new P-256 key, or another elliptic curve's. */
export function ecKey(namedCurve = 'P-256'): TestKey {
  return testKey(generateKeyPairSync('ec', { namedCurve }));
}

export function rsaKey(modulusLength: number): TestKey {
  return testKey(generateKeyPairSync('rsa', { modulusLength }));
}

/** A key of module lattices; it signs without a hash, as `mlDsaSigned` says. */
export function mlDsaKey(kind: MlDsa): TestKey {
  return testKey(generateKeyPairSync(kind));
}

/** How a certificate is signed with such a key. */
export function mlDsaSigned(kind: MlDsa): Pick<CertificateDraft, 'innerAlgorithm' | 'signTbs'> {
  return {
    innerAlgorithm: algorithm(ML_DSA_TYPES[kind]),
    signTbs: (tbs, key) => sign(null, tbs, key),
  };
}

const ML_DSA_TYPES: Readonly<Record<MlDsa, string>> = {
  'ml-dsa-44': '2.16.840.1.101.3.4.3.17',
  'ml-dsa-65': '2.16.840.1.101.3.4.3.18',
  'ml-dsa-87': '2.16.840.1.101.3.4.3.19',
};

export function testKey(pair: { privateKey: KeyObject; publicKey: KeyObject }): TestKey {
  return {
    privateKey: pair.privateKey,
    spki: pair.publicKey.export({ format: 'der', type: 'spki' }),
  };
}

/** Builds and signs one certificate: a DER writer for tests, not an issuer for anything real. */
export function buildCertificate(draft: CertificateDraft): Buffer {
  const issuer = draft.issuer ?? { subject: draft.subject, key: draft.key };
  const inner = draft.innerAlgorithm ?? ecdsaSha256;
  const version = draft.version ?? 3;
  const extensions = draft.extensions ?? [];
  const tbs = sequence(
    version === 1 ? Buffer.alloc(0) : der(0xa0, integer(version - 1)),
    der(0x02, draft.serial ?? Buffer.from([0x51])),
    inner,
    nameOf(issuer.subject),
    draft.validity ??
      sequence(
        utcTime(draft.notBeforeMs ?? Date.UTC(2026, 0, 1)),
        utcTime(draft.notAfterMs ?? Date.UTC(2027, 0, 1)),
      ),
    nameOf(draft.subject),
    draft.key.spki,
    extensions.length === 0 ? Buffer.alloc(0) : der(0xa3, sequence(...extensions)),
  );
  const signTbs = draft.signTbs ?? ((bytes, key) => sign('sha256', bytes, key));
  const signature = signTbs(tbs, issuer.key.privateKey);
  return sequence(tbs, draft.outerAlgorithm ?? inner, bitString(signature));
}

/** One DER element. */
export function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const length = content.length;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const octets = length < 0x1_00 ? 1 : length < 0x1_00_00 ? 2 : 3;
  const header = Buffer.alloc(2 + octets);
  header[0] = tag;
  header[1] = 0x80 | octets;
  header.writeUIntBE(length, 2, octets);
  return Buffer.concat([header, content]);
}

export function sequence(...contents: readonly Buffer[]): Buffer {
  return der(0x30, ...contents);
}

export function integer(value: number): Buffer {
  return der(0x02, value < 0x80 ? Buffer.from([value]) : Buffer.from([value >> 8, value & 0xff]));
}

export function bitString(bytes: Buffer, unused = 0): Buffer {
  return der(0x03, Buffer.from([unused]), bytes);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80);
    }
    return groups;
  });
  return der(0x06, Buffer.from(bytes));
}

export function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '');
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

/** A Name from `CN=text,O=text`; a value of any string type comes as a Buffer from `nameOfAttributes`. */
export function nameOf(subject: string | Buffer): Buffer {
  if (typeof subject !== 'string') return subject;
  if (subject === '') return sequence();
  return nameOfAttributes(
    subject.split(',').map((part) => {
      const [type = '', value = ''] = part.split('=');
      return [ATTRIBUTES[type] ?? type, 0x0c, value];
    }),
  );
}

/** A Name of one attribute per relative distinguished name: type, string tag, value. */
export function nameOfAttributes(
  attributes: readonly (readonly [string, number, string])[],
): Buffer {
  return sequence(
    ...attributes.map(([type, tag, value]) =>
      der(0x31, sequence(oid(type), der(tag, Buffer.from(value, 'utf8')))),
    ),
  );
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  O: '2.5.4.10',
  C: '2.5.4.6',
  email: '1.2.840.113549.1.9.1',
};

/** AlgorithmIdentifier from a dotted identifier and encoded parameters. */
export function algorithm(dotted: string, ...parameters: readonly Buffer[]): Buffer {
  return sequence(oid(dotted), ...parameters);
}

const ecdsaSha256: Buffer = algorithm('1.2.840.10045.4.3.2');

export function extension(dotted: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? der(0x01, Buffer.from([0xff])) : Buffer.alloc(0);
  return sequence(oid(dotted), critical, der(0x04, value));
}

export function basicConstraints(isCa: boolean, pathLength?: number, isCritical = true): Buffer {
  const ca = isCa ? der(0x01, Buffer.from([0xff])) : Buffer.alloc(0);
  const length = pathLength === undefined ? Buffer.alloc(0) : integer(pathLength);
  return extension('2.5.29.19', isCritical, sequence(ca, length));
}

/** keyUsage with bits by number: 0 digitalSignature, 2 keyEncipherment, 5 keyCertSign, 6 cRLSign. */
export function keyUsage(...bits: readonly number[]): Buffer {
  const last = Math.max(...bits);
  const octets = Buffer.alloc((last >> 3) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] as number) | (0x80 >> (bit & 7));
  return extension('2.5.29.15', true, bitString(octets, 7 - (last & 7)));
}

export function extendedKeyUsage(purposes: readonly string[], isCritical = false): Buffer {
  return extension('2.5.29.37', isCritical, sequence(...purposes.map(oid)));
}

/** GeneralName from `dns:…`, `uri:…`, `email:…`, `ip:<hex>`, `dn:CN=…` or `rid:<dotted>`. */
export function generalName(text: string): Buffer {
  const colon = text.indexOf(':');
  const value = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case 'email':
      return der(0x81, Buffer.from(value, 'latin1'));
    case 'dns':
      return der(0x82, Buffer.from(value, 'latin1'));
    case 'uri':
      return der(0x86, Buffer.from(value, 'latin1'));
    case 'ip':
      return der(0x87, Buffer.from(value, 'hex'));
    case 'dn':
      return der(0xa4, nameOf(value));
    case 'rid':
      return der(0x88, oid(value).subarray(2));
    default:
      throw new Error(`no such form of name: ${text}`);
  }
}

export function subjectAltName(names: readonly string[], isCritical = false): Buffer {
  return extension('2.5.29.17', isCritical, sequence(...names.map(generalName)));
}

export function nameConstraints(
  permitted: readonly string[],
  excluded: readonly string[] = [],
  isCritical = true,
): Buffer {
  const subtrees = (tag: number, names: readonly string[]) =>
    names.length === 0
      ? Buffer.alloc(0)
      : der(tag, ...names.map((name) => sequence(generalName(name))));
  return extension(
    '2.5.29.30',
    isCritical,
    sequence(subtrees(0xa0, permitted), subtrees(0xa1, excluded)),
  );
}

export function subjectKeyId(key: TestKey): Buffer {
  return extension('2.5.29.14', false, der(0x04, keyIdOf(key)));
}

export function authorityKeyId(key: TestKey): Buffer {
  return extension('2.5.29.35', false, sequence(der(0x80, keyIdOf(key))));
}

function keyIdOf(key: TestKey): Buffer {
  return createHash('sha256').update(key.spki).digest().subarray(0, 20);
}

export function certificatePolicies(...policies: readonly string[]): Buffer {
  return extension(
    '2.5.29.32',
    false,
    sequence(...policies.map((policy) => sequence(oid(policy)))),
  );
}

/** policyConstraints that demands a policy after so many more certificates. */
export function requireExplicitPolicy(after: number): Buffer {
  return extension('2.5.29.36', true, sequence(der(0x80, Buffer.from([after]))));
}
