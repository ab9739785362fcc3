import type { SipFault } from './sip-fault.ts';

/** What a peer is told about its fault. */
export interface FaultStatus {
  readonly status: number;
  readonly reasonPhrase: string;
}

/** The response to a request with this fault (RFC 3261 §21.4, §21.5); the phrase names the field, never its bytes. */
export function statusOf(fault: SipFault): FaultStatus {
  switch (fault) {
    case 'sip-head-too-large':
    case 'sip-body-too-large':
    case 'sip-too-many-headers':
    case 'sip-line-too-long':
      return { status: 513, reasonPhrase: 'Message Too Large' };
    case 'sip-request-uri-too-long':
      return { status: 414, reasonPhrase: 'Request-URI Too Long' };
    case 'sip-request-uri-scheme-unsupported':
      return { status: 416, reasonPhrase: 'Unsupported URI Scheme' };
    case 'sip-version-unsupported':
      return { status: 505, reasonPhrase: 'Version Not Supported' };
    default:
      return { status: 400, reasonPhrase: badRequestPhrase(fault) };
  }
}

type BadRequest = Exclude<
  SipFault,
  | 'sip-head-too-large'
  | 'sip-body-too-large'
  | 'sip-too-many-headers'
  | 'sip-line-too-long'
  | 'sip-request-uri-too-long'
  | 'sip-request-uri-scheme-unsupported'
  | 'sip-version-unsupported'
>;

const PHRASES: Readonly<Record<BadRequest, string>> = {
  'sip-bare-line-break': 'Bad Line Break',
  'sip-control-character': 'Control Character',
  'sip-not-utf8': 'Not UTF-8',
  'sip-start-line-malformed': 'Bad Start Line',
  'sip-header-malformed': 'Bad Header Field',
  'sip-header-missing': 'Missing Header Field',
  'sip-header-repeated': 'Repeated Header Field',
  'sip-content-length-missing': 'Missing Content-Length',
  'sip-content-length-repeated': 'Repeated Content-Length',
  'sip-content-length-malformed': 'Bad Content-Length',
  'sip-request-uri-malformed': 'Bad Request-URI',
  'sip-uri-malformed': 'Bad URI',
  'sip-via-malformed': 'Bad Via',
  'sip-cseq-malformed': 'Bad CSeq',
  'sip-cseq-method-mismatch': 'CSeq Method Mismatch',
  'sip-call-id-malformed': 'Bad Call-ID',
  'sip-from-malformed': 'Bad From',
  'sip-to-malformed': 'Bad To',
  'sip-contact-malformed': 'Bad Contact',
  'sip-route-malformed': 'Bad Route',
  'sip-record-route-malformed': 'Bad Record-Route',
  'sip-max-forwards-malformed': 'Bad Max-Forwards',
  'sip-max-breadth-malformed': 'Bad Max-Breadth',
  'sip-expires-malformed': 'Bad Expires',
  'sip-event-malformed': 'Bad Event',
  'sip-token-list-malformed': 'Bad Option Tags',
  'sip-name-addr-malformed': 'Bad Address',
  'sip-content-type-malformed': 'Bad Content-Type',
  'sip-subscription-state-malformed': 'Bad Subscription-State',
};

function badRequestPhrase(fault: BadRequest): string {
  return PHRASES[fault];
}
