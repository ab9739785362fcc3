import type { FileFaultCode } from '@sallyport/certs/file-fault.ts';

/** Whom a file with certificates came from. */
export type FileSender = 'partner' | 'CA';

/** What an operator does about a file that could not be read: what helps hangs on what was wrong. */
export function nextAfterFault(code: FileFaultCode, sender: FileSender): string {
  switch (code) {
    case 'password-missing':
    case 'password-wrong':
      return 'give it: --password-file FILE';
    case 'file-empty':
    case 'file-truncated':
    case 'file-malformed':
      return `ask the ${sender} to send the file again`;
    case 'file-format-unknown':
    case 'certificates-none':
      return sender === 'CA'
        ? 'ask the CA for PEM, leaf first'
        : 'ask the partner for the certificate of its authority, as PEM or DER';
    case 'file-too-large':
    case 'certificates-too-many':
      return sender === 'CA'
        ? 'ask the CA for our certificate and those above it alone'
        : 'ask the partner for its own root, and what stands between it and its hosts, alone';
    case 'encryption-unsupported':
    case 'encryption-too-costly':
      return `ask the ${sender} for PEM or DER: certificates are no secret`;
    case 'certificate-malformed':
      return `show the ${sender} this message: the certificate has to be issued anew, for sent again it is the same`;
    case 'offer-malformed':
    case 'offer-version-unsupported':
    case 'offer-signature-wrong':
    case 'offer-signer-unknown':
    case 'offer-inconsistent':
      return 'ask the partner for a new offer';
  }
}
