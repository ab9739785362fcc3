import { ok, type Result } from '@sallyport/shared/result.ts';
import { contextTag, Tag } from '@sallyport/shared/x509/der-reader.ts';
import { type BerElement, identifierOf } from './ber-element.ts';
import { type FileFault, fileFault } from './file-fault.ts';

/** What ContentInfo may say that it holds (RFC 5652 §4, §5.1, §8). */
export const ContentType = {
  content: '1.2.840.113549.1.7.1',
  signed: '1.2.840.113549.1.7.2',
  enveloped: '1.2.840.113549.1.7.3',
  encrypted: '1.2.840.113549.1.7.6',
} as const;

const CERTIFICATES = contextTag(0, true);

/**
 * Takes the certificates out of SignedData, as `.p7b` files carry them (RFC 5652 §5.1, RFC 2315 §9.1).
 *
 * Signatures over content, where there are any, are not verified: the file is only a bag here. Attribute
 * certificates and other forms of the choice are left out.
 */
export function readPkcs7(file: BerElement): Result<readonly Buffer[], FileFault> {
  const [type, explicit] = file.children;
  const name = identifierOf(type);
  if (name === ContentType.enveloped) {
    return fileFault('certificates-none', 'it holds a message that is encrypted for somebody');
  }
  if (name !== ContentType.signed) return fileFault('file-format-unknown');
  const signedData = explicit?.children[0];
  if (signedData?.tag !== Tag.sequence) return fileFault('file-malformed');
  const certificates = signedData.children.find((child) => child.tag === CERTIFICATES);
  return ok(
    (certificates?.children ?? [])
      .filter((child) => child.tag === Tag.sequence)
      .map((child) => child.whole),
  );
}
