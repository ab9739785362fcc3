// First, and before the issuing library: its dependency container needs it.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
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
  const issuer = new X509Certificate(parent.certificatePem);
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [request.commonName] }],
    issuer: issuer.subjectName.toJSON(),
    notBefore: new Date(request.notBeforeMs),
    notAfter: new Date(request.notAfterMs),
    publicKey: keys.publicKey,
    signingKey: signer.key,
    signingAlgorithm: SIGNING_ALGORITHMS[signer.kind],
    extensions: [
      ...(await authorityExtensions(keys.publicKey, request.pathLength ?? 0)),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificatePem: textOf(certificate), privateKeyPem: keys.privateKeyPem };
}

/** PEM with the line end that text tools expect at the end of a file. */
export function textOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function authorityExtensions(publicKey: CryptoKey, pathLength: number): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(publicKey),
  ];
}
