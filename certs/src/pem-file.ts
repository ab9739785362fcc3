import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';

/** The blocks of a text file that concern an exchange of certificates. */
export interface PemFile {
  readonly certificates: readonly Buffer[];
  /** Certificate bags, each still to be opened. */
  readonly pkcs7: readonly Buffer[];
  /** How many blocks of private keys were passed over, unread. */
  readonly privateKeys: number;
  /** What the blocks call themselves, all of them. */
  readonly labels: readonly string[];
}

const CERTIFICATE_LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];
/** RFC 7468 §8, §9, and what older programs wrote. */
const PKCS7_LABELS = ['PKCS7', 'CMS', 'PKCS #7 SIGNED DATA'];
const BEGIN = /^[ \t]*-----BEGIN ([A-Z0-9 #]+)-----[ \t]*\r?$/gm;
const BASE64_ALONE = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Text of a file as people send it: UTF-8 with or without a mark, or UTF-16 as Windows saves it.
 *
 * Undefined for bytes that are no text, which DER never is: its first octet is followed by a length.
 */
export function textOfFile(bytes: Buffer): string | undefined {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  if ((isLittle || isBig) && bytes.length % 2 === 0) {
    const even = isBig ? Buffer.from(bytes).swap16() : bytes;
    return even.toString('utf16le', 2);
  }
  // Old mail is in no Unicode; only the ASCII of the blocks matters.
  return bytes.some(isNoText)
    ? undefined
    : bytes.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
}

/** Control characters but line ends, tabs, page breaks, and the mark that ended files once. */
function isNoText(octet: number): boolean {
  return octet < 0x20 && octet !== 0x1a && (octet < 0x09 || octet > 0x0d);
}

/** Whether a text has any PEM block. */
export function isPem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

/** Reads all blocks, in order of kind; a broken one of a kind that we read spoils the file. */
export function readPem(text: string): Result<PemFile, 'pem-malformed'> {
  const labels = [...text.matchAll(BEGIN)].map(([, label = '']) => label);
  const blocksOf = (wanted: readonly string[]): readonly Buffer[] | undefined => {
    const blocks = wanted.flatMap((label) => decodePem(text, label));
    return blocks.length === labels.filter((label) => wanted.includes(label)).length
      ? blocks
      : undefined;
  };
  const certificates = blocksOf(CERTIFICATE_LABELS);
  const pkcs7 = blocksOf(PKCS7_LABELS);
  if (certificates === undefined || pkcs7 === undefined) return err('pem-malformed');
  const privateKeys = labels.filter((label) => label.endsWith('PRIVATE KEY')).length;
  return ok({ certificates, pkcs7, privateKeys, labels });
}

/** Octets of a file that is base64 and nothing else, as some programs export DER and PKCS#7. */
export function bareBase64(text: string): Buffer | undefined {
  // Spaces go first: a pattern that allows them anywhere takes quadratic time for a file full of them.
  const digits = text.replace(/\s+/g, '');
  return BASE64_ALONE.test(digits) ? Buffer.from(digits, 'base64') : undefined;
}
