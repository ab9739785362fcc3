import type { Extension, JsonGeneralNames, KeyUsageFlags, PublicKey } from '@peculiar/x509';
import { type Issued, textOf } from './authority.ts';
import { type IssuingLibrary, issuingLibrary } from './issuing-library.ts';
import { createKeyPair, type KeyKind, readSigningKey, SIGNING_ALGORITHMS } from './key-pair.ts';
import type { Validity } from './validity.ts';

/** Extended key usages by name (RFC 5280 §4.2.1.12; `sipDomain` is RFC 5924 §3). */
export const KEY_USAGE = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  sipDomain: '1.3.6.1.5.5.7.3.20',
  any: '2.5.29.37.0',
} as const;

/** Name of an extended key usage that we can issue. */
export type KeyUsageName = keyof typeof KEY_USAGE;

/** What an end-entity certificate shall say; nothing is added that is not asked for. */
export interface LeafRequest extends Validity {
  readonly commonName: string;
  readonly kind?: KeyKind;
  readonly dnsNames?: readonly string[];
  readonly uris?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Empty or absent leaves the extension out: such a certificate is good for every purpose. */
  readonly usages?: readonly KeyUsageName[];
  /** Where the authority's revocation list can be fetched. */
  readonly revocationListUris?: readonly string[];
}

/** Issues an end-entity certificate with a fresh key, signed by an authority. */
export async function issueLeaf(authority: Issued, request: LeafRequest): Promise<Issued> {
  const keys = await createKeyPair(request.kind ?? 'ec-p256');
  return {
    certificatePem: await certifyLeaf(authority, request, keys.publicKey),
    privateKeyPem: keys.privateKeyPem,
  };
}

/** Issues an end-entity certificate for a key that is somebody else's; `kind` must be that key's. */
export async function certifyLeaf(
  authority: Issued,
  request: LeafRequest,
  publicKey: CryptoKey,
): Promise<string> {
  const library = await issuingLibrary();
  const signer = readSigningKey(authority.privateKeyPem);
  const issuer = new library.X509Certificate(authority.certificatePem);
  const certificate = await library.X509CertificateGenerator.create({
    subject: [{ CN: [request.commonName] }],
    issuer: issuer.subjectName.toJSON(),
    notBefore: new Date(request.notBeforeMs),
    notAfter: new Date(request.notAfterMs),
    publicKey,
    signingKey: signer.key,
    signingAlgorithm: SIGNING_ALGORITHMS[signer.kind],
    extensions: await leafExtensions(library, request, publicKey, issuer.publicKey),
  });
  return textOf(certificate);
}

async function leafExtensions(
  library: IssuingLibrary,
  request: LeafRequest,
  publicKey: CryptoKey,
  issuerKey: PublicKey,
): Promise<Extension[]> {
  const extensions: Extension[] = [
    new library.BasicConstraintsExtension(false, undefined, true),
    new library.KeyUsagesExtension(keyUsageOf(library, request.kind ?? 'ec-p256'), true),
    await library.SubjectKeyIdentifierExtension.create(publicKey),
    await library.AuthorityKeyIdentifierExtension.create(issuerKey),
  ];
  const usages = (request.usages ?? []).map((name) => KEY_USAGE[name]);
  if (usages.length > 0) extensions.push(new library.ExtendedKeyUsageExtension(usages));
  const lists = request.revocationListUris ?? [];
  if (lists.length > 0) extensions.push(new library.CRLDistributionPointsExtension([...lists]));
  const names = alternativeNames(request);
  if (names.length > 0) extensions.push(new library.SubjectAlternativeNameExtension(names));
  return extensions;
}

/** RSA key transport ended with TLS 1.3, but older partners still look for the bit. */
function keyUsageOf({ KeyUsageFlags }: IssuingLibrary, kind: KeyKind): KeyUsageFlags {
  return kind === 'rsa-2048' || kind === 'rsa-3072'
    ? KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment
    : KeyUsageFlags.digitalSignature;
}

function alternativeNames(request: LeafRequest): JsonGeneralNames {
  return [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.uris ?? []).map((value) => ({ type: 'url' as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
}
