import { contextTag } from '@sallyport/shared/x509/der-reader.ts';
import {
  der,
  integer,
  objectIdentifier,
  sequence,
  setOf,
} from '@sallyport/shared/x509/der-writer.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { ContentType } from './pkcs7-reader.ts';

/**
 * Packs certificates as SignedData without a signer (`.p7b`, RFC 5652 §5.1), in the order given.
 *
 * DER would sort them; OpenSSL and Windows do not either, and people like the leaf to come first.
 */
export function encodePkcs7(certificates: readonly Uint8Array[]): Buffer {
  const signedData = sequence(
    integer(1),
    setOf(),
    sequence(objectIdentifier(ContentType.content)),
    der(contextTag(0, true), ...certificates),
    setOf(),
  );
  return sequence(objectIdentifier(ContentType.signed), der(contextTag(0, true), signedData));
}

/** The same as text, under the label that OpenSSL and Windows look for. */
export function encodePkcs7Pem(certificates: readonly Uint8Array[]): string {
  return encodePem(encodePkcs7(certificates), 'PKCS7');
}
