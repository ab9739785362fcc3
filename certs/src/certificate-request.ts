import { createPrivateKey, hash } from 'node:crypto';
import { spkiSha256 } from '@sallyport/shared/x509/spki.ts';
import { issuingLibrary } from './issuing-library.ts';
import { createKeyPair, type KeyKind, SIGNING_ALGORITHMS } from './key-pair.ts';
import { KEY_USAGE, type KeyUsageName } from './leaf.ts';

/** Kinds of key that a certificate of ours is asked for; the first unless another is named. */
export const REQUESTED_KINDS = [
  'ec-p256',
  'rsa-3072',
  'ml-dsa-65',
  'ml-dsa-87',
] as const satisfies readonly KeyKind[];

/** What a certification request asks a CA for. */
export interface CertificateRequest {
  /** SIP domains: each stands as `sip:` URI and as DNS name (RFC 5922 §7.1). */
  readonly domains: readonly [string, ...string[]];
  /** Further host names. */
  readonly hosts?: readonly string[];
  readonly organization?: string;
  readonly kind?: (typeof REQUESTED_KINDS)[number];
  /** False for public CAs: they refuse names of other forms than DNS. */
  readonly withSipUris?: boolean;
  /** Both by default; CAs follow their own rules. */
  readonly usages?: readonly KeyUsageName[];
}

/** A request to send, and the key to keep. */
export interface RequestedCertificate {
  /** PKCS#10 (RFC 2986), PEM. */
  readonly requestPem: string;
  readonly privateKeyPem: string;
  /** Base64 SHA-256 of the public key: what the CA's answer must hold. */
  readonly spki: string;
  /** SHA-256 of the request, hexadecimal, to compare with whoever signs it. */
  readonly fingerprint: string;
}

/** Makes a fresh key and asks for a certificate of it; P-256 unless asked otherwise. */
export async function createCertificateRequest(
  request: CertificateRequest,
): Promise<RequestedCertificate> {
  const { domains, hosts = [], organization, kind = 'ec-p256', withSipUris = true } = request;
  const library = await issuingLibrary();
  const keys = await createKeyPair(kind);
  const uris = withSipUris ? domains.map((domain) => `sip:${domain}`) : [];
  const usages = (request.usages ?? ['serverAuth', 'clientAuth']).map((name) => KEY_USAGE[name]);
  const made = await library.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [domains[0]] }, ...(organization === undefined ? [] : [{ O: [organization] }])],
    keys: { publicKey: keys.publicKey, privateKey: keys.privateKey },
    signingAlgorithm: SIGNING_ALGORITHMS[kind],
    extensions: [
      new library.SubjectAlternativeNameExtension([
        ...uris.map((value) => ({ type: 'url' as const, value })),
        ...[...new Set([...domains, ...hosts])].map((value) => ({ type: 'dns' as const, value })),
      ]),
      ...(usages.length === 0 ? [] : [new library.ExtendedKeyUsageExtension(usages)]),
    ],
  });
  return {
    requestPem: `${made.toString('pem')}\n`,
    privateKeyPem: keys.privateKeyPem,
    spki: spkiSha256(createPrivateKey(keys.privateKeyPem)),
    fingerprint: hash('sha256', Buffer.from(made.rawData)),
  };
}
