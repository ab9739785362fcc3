import { err, type Result } from '@sallyport/shared/result.ts';

/** What one file may hold. */
export const FILE_BYTES_MAX = 1_048_576;
export const CERTIFICATES_MAX = 64;

const MESSAGES = {
  'file-empty': 'the file is empty',
  'file-too-large': 'the file is larger than 1 MiB',
  'file-truncated': 'the file ends too early: it was not transferred whole',
  'file-malformed': 'the file is damaged',
  'file-format-unknown':
    'the file is none of: an offer of Sallyport, PEM, DER, PKCS#7 (.p7b), PKCS#12 (.p12, .pfx)',
  'password-missing': 'the file is encrypted: its password is needed',
  'password-wrong': 'the password does not open the file, or the file was damaged on its way',
  'encryption-unsupported': 'the file is encrypted in a way that is not supported',
  'encryption-too-costly': 'the file asks for more key-derivation rounds than are allowed',
  'certificates-none': 'the file holds no certificate',
  'certificates-too-many': 'the file holds more than 64 certificates',
  'certificate-malformed': 'a certificate in the file is not well-formed',
  'offer-malformed': 'the offer is not well-formed',
  'offer-version-unsupported': 'the offer was made by a newer program',
  'offer-signature-wrong': 'the offer was changed after it was signed',
  'offer-signer-unknown':
    'the offer is signed with a key that no earlier offer of this partner was signed with',
  'offer-inconsistent': 'the parts of the offer contradict each other',
} as const;

/** Why nothing could be read from a file; nothing is ever read in part. */
export type FileFaultCode = keyof typeof MESSAGES;

/** One clear sentence for whoever brought the file. */
export interface FileFault {
  readonly code: FileFaultCode;
  readonly message: string;
}

/** The fault by its code; `detail` says where, and never quotes what is secret. */
export function fileFault(code: FileFaultCode, detail = ''): Result<never, FileFault> {
  return err({ code, message: detail === '' ? MESSAGES[code] : `${MESSAGES[code]} (${detail})` });
}
