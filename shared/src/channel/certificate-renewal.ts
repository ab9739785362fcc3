import { decodePem } from '../x509/pem.ts';
import { commonVersion, type Hello } from './hello.ts';
import { type Decoder, ofPayload, oneOf, record, text } from './strict-json.ts';

/** A proxy asks for a certificate of its new key; the node is the one whose channel it is. */
export interface CertificateRequestMessage {
  /** PKCS#10 (RFC 2986), base64. */
  readonly request: string;
}

/** Why a gateway issued nothing. */
export const RENEWAL_REFUSALS = [
  'request-too-large',
  'request-malformed',
  'request-key-refused',
  'request-signature-bad',
  'request-name-other',
  'node-unknown',
  'node-revoked',
  'too-many',
  'not-recorded',
  'no-authority',
] as const;
export type RenewalRefusal = (typeof RENEWAL_REFUSALS)[number];

/** A gateway's answer: exactly one of the two. */
export interface CertificateIssuedMessage {
  /** The new certificate and the authority that issued it, PEM. */
  readonly chain?: string;
  readonly refusal?: RenewalRefusal;
}

/** From this version on, both ends know the frames by which certificates are renewed. */
export const RENEWAL_VERSION = 2;

const CHAIN_CHARS_MAX = 14_000;
const CERTIFICATES_MAX = 4;

const requestMessage = record<CertificateRequestMessage>({
  request: text(11_000, /^[A-Za-z0-9+/]+={0,2}$/, 'base64'),
});
const chain: Decoder<string> = (value, at, problems) => {
  if (typeof value === 'string' && value.length <= CHAIN_CHARS_MAX) {
    const found = decodePem(value, 'CERTIFICATE').length;
    if (found >= 1 && found <= CERTIFICATES_MAX) return value;
  }
  problems.push(`${at}: expected 1 to ${CERTIFICATES_MAX} PEM certificates`);
  return '';
};
const issuedMessage = record<CertificateIssuedMessage>(
  { chain, refusal: oneOf(...RENEWAL_REFUSALS) },
  ['chain', 'refusal'],
);
const oneAnswer: Decoder<CertificateIssuedMessage> = (value, at, problems) => {
  const answer = issuedMessage(value, at, problems);
  if ((answer.chain === undefined) === (answer.refusal === undefined)) {
    problems.push('document: expected either a chain or a refusal');
  }
  return answer;
};

export const decodeCertificateRequest = ofPayload(requestMessage);
export const decodeCertificateIssued = ofPayload(oneAnswer);

/** Whether a peer knows these frames: an older one would close the channel at the sight of them. */
export function knowsRenewal(ours: readonly number[], peer: Hello | undefined): boolean {
  return (commonVersion(ours, peer?.protocolVersions ?? []) ?? 0) >= RENEWAL_VERSION;
}
