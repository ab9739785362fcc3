import type { Extension, X509Certificate } from '@peculiar/x509';
import { issuingLibrary } from './issuing-library.ts';
import { createKeyPair, type KeyKind, readSigningKey, SIGNING_ALGORITHMS } from './key-pair.ts';
import type { Validity } from './validity.ts';

/** A certificate and its private key, as the two texts that are written to files. */
export interface Issued {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What a new certificate authority is called and how long it may sign. */
export interface AuthorityRequest extends Validity {
  readonly commonName: string;
  readonly kind?: KeyKind;
  /** How many further authorities may stand below it (RFC 5280 §4.2.1.9). */
  readonly pathLength?: number;
}

/** Makes a self-signed root: the site's own CA, or the CA of a partner in the demo and the tests. */
export async function createAuthority(request: AuthorityRequest): Promise<Issued> {
  const kind = request.kind ?? 'ec-p256';
  const keys = await createKeyPair(kind);
  const { X509CertificateGenerator } = await issuingLibrary();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [request.commonName] }],
    notBefore: new Date(request.notBeforeMs),
    notAfter: new Date(request.notAfterMs),
    keys: { publicKey: keys.publicKey, privateKey: keys.privateKey },
    signingAlgorithm: SIGNING_ALGORITHMS[kind],
    extensions: await authorityExtensions(keys.publicKey, request.pathLength ?? 0),
  });
  return { certificatePem: textOf(certificate), privateKeyPem: keys.privateKeyPem };
}

/** Makes an authority below another; the parent's path length must leave room for it. */
export async function issueIntermediate(
  parent: Issued,
  request: AuthorityRequest,
): Promise<Issued> {
  const kind = request.kind ?? 'ec-p256';
  const keys = await createKeyPair(kind);
  const signer = readSigningKey(parent.privateKeyPem);
  const library = await issuingLibrary();
  const issuer = new library.X509Certificate(parent.certificatePem);
  const certificate = await library.X509CertificateGenerator.create({
    subject: [{ CN: [request.commonName] }],
    issuer: issuer.subjectName.toJSON(),
    notBefore: new Date(request.notBeforeMs),
    notAfter: new Date(request.notAfterMs),
    publicKey: keys.publicKey,
    signingKey: signer.key,
    signingAlgorithm: SIGNING_ALGORITHMS[signer.kind],
    extensions: [
      ...(await authorityExtensions(keys.publicKey, request.pathLength ?? 0)),
      await library.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificatePem: textOf(certificate), privateKeyPem: keys.privateKeyPem };
}

/** PEM with the line end that text tools expect at the end of a file. */
export function textOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function authorityExtensions(publicKey: CryptoKey, pathLength: number): Promise<Extension[]> {
  const library = await issuingLibrary();
  const { KeyUsageFlags } = library;
  return [
    new library.BasicConstraintsExtension(true, pathLength, true),
    new library.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await library.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}
