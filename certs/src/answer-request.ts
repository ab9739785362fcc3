import type { Extension, Pkcs10CertificateRequest } from '@peculiar/x509';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Issued, textOf } from './authority.ts';
import { type IssuingLibrary, issuingLibrary } from './issuing-library.ts';
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
  const library = await issuingLibrary();
  const request = readRequest(library, requestPem);
  if (request === undefined) return err('request-unreadable');
  if (!(await request.verify())) return err('request-not-proved');
  const issuer = new library.X509Certificate(authority.certificatePem);
  const signer = readSigningKey(authority.privateKeyPem);
  const names = request.getExtension(SUBJECT_ALT_NAME);
  const usages = request.getExtension(EXTENDED_KEY_USAGE);
  const extensions: Extension[] = [
    new library.BasicConstraintsExtension(false, undefined, true),
    new library.KeyUsagesExtension(library.KeyUsageFlags.digitalSignature, true),
    await library.SubjectKeyIdentifierExtension.create(request.publicKey),
    await library.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ...(names === null ? [] : [names]),
    ...(usages === null ? [] : [usages]),
  ];
  const certificate = await library.X509CertificateGenerator.create({
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

function readRequest(
  { Pkcs10CertificateRequest }: IssuingLibrary,
  pem: string,
): Pkcs10CertificateRequest | undefined {
  try {
    return new Pkcs10CertificateRequest(pem);
  } catch {
    // The library throws for whatever is no request.
    return undefined;
  }
}
