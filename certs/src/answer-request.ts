// First, and before the issuing library: its dependency container needs it.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Issued, textOf } from './authority.ts';
import { readSigningKey, SIGNING_ALGORITHMS } from './key-pair.ts';
import type { Validity } from './validity.ts';

const SUBJECT_ALT_NAME = '2.5.29.17';
const EXTENDED_KEY_USAGE = '2.5.29.37';

/** Why a request is not answered. */
export type RequestFault = 'request-unreadable' | 'request-not-proved';

/**
 * Answers a certification request of our own making (`certificate-request.ts`): names and purposes are taken
 * over as they stand, so it is for requests whose contents the caller asked for.
 *
 * The request must be signed with the key that it is for (RFC 2986 §4.2).
 */
export async function answerRequest(
  authority: Issued,
  requestPem: string,
  { notBeforeMs, notAfterMs }: Validity,
): Promise<Result<string, RequestFault>> {
  const request = readRequest(requestPem);
  if (request === undefined) return err('request-unreadable');
  if (!(await request.verify())) return err('request-not-proved');
  const issuer = new X509Certificate(authority.certificatePem);
  const signer = readSigningKey(authority.privateKeyPem);
  const names = request.getExtension(SUBJECT_ALT_NAME);
  const usages = request.getExtension(EXTENDED_KEY_USAGE);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    await SubjectKeyIdentifierExtension.create(request.publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ...(names === null ? [] : [names]),
    ...(usages === null ? [] : [usages]),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: request.subjectName.toJSON(),
    issuer: issuer.subjectName.toJSON(),
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
    publicKey: request.publicKey,
    signingKey: signer.key,
    signingAlgorithm: SIGNING_ALGORITHMS[signer.kind],
    extensions,
  });
  return ok(textOf(certificate));
}

function readRequest(pem: string): Pkcs10CertificateRequest | undefined {
  try {
    return new Pkcs10CertificateRequest(pem);
  } catch {
    // The library throws for whatever is no request.
    return undefined;
  }
}
