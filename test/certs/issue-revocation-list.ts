import type { Issued } from '@sallyport/certs/authority.ts';
import { type IssuingLibrary, issuingLibrary } from '@sallyport/certs/issuing-library.ts';
import { readSigningKey, SIGNING_ALGORITHMS } from '@sallyport/certs/key-pair.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';

/** One certificate that is taken back. */
export interface RevokedCertificate {
  /** Hex, as the certificate shows it. */
  readonly serialHex: string;
  readonly revokedAtMs: number;
  /** A word of RFC 5280 §5.3.1. Always said: the library would write an entry without one malformed. */
  readonly reason: Exclude<keyof IssuingLibrary['X509CrlReason'], 'unspecified' | 'removeFromCRL'>;
}

/** What a revocation list shall say. */
export interface RevocationListRequest {
  /** Rises from list to list (RFC 5280 §5.2.3). */
  readonly number: number;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly revoked: readonly RevokedCertificate[];
}

const CRL_NUMBER = '2.5.29.20';
const INTEGER = 0x02;

/** Issues a complete list of the certificates that an authority has taken back, as PEM. */
export async function issueRevocationList(
  authority: Issued,
  request: RevocationListRequest,
): Promise<string> {
  const library = await issuingLibrary();
  const signer = readSigningKey(authority.privateKeyPem);
  const issuer = new library.X509Certificate(authority.certificatePem);
  const list = await library.X509CrlGenerator.create({
    issuer: issuer.subjectName.toJSON(),
    thisUpdate: new Date(request.thisUpdateMs),
    nextUpdate: new Date(request.nextUpdateMs),
    signingKey: signer.key,
    signingAlgorithm: SIGNING_ALGORITHMS[signer.kind],
    entries: request.revoked.map(({ serialHex, revokedAtMs, reason }) => ({
      serialNumber: serialHex,
      revocationDate: new Date(revokedAtMs),
      reason: library.X509CrlReason[reason],
    })),
    extensions: [
      await library.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      new library.Extension(CRL_NUMBER, false, derInteger(request.number)),
    ],
  });
  return encodePem(new Uint8Array(list.rawData), 'X509 CRL');
}

/** A non-negative number in the shortest two's complement (X.690 §8.3). */
function derInteger(value: number): Buffer<ArrayBuffer> {
  const hex = value.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const padded = (octets[0] as number) >= 0x80 ? Buffer.concat([Buffer.of(0), octets]) : octets;
  return Buffer.concat([Buffer.of(INTEGER, padded.length), padded]);
}
