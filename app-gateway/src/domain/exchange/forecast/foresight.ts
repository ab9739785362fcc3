import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import type { Sighting } from '../sighting/sighting.ts';

/** What is going to happen; the names are stable. */
export type ForesightKind =
  | 'anchor-ends'
  | 'partner-certificate-ends'
  | 'own-certificate-ends'
  | 'authority-ends'
  | 'revocation-list-ends'
  | 'channel-certificate-ends'
  | 'client-auth-sunset'
  | 'weak-key'
  | 'weak-signature'
  | 'rsa-2048-sunset'
  | 'received-offer-ends'
  | 'own-offer-ends';

/** How near: within so many days, or past. */
export type Severity = 'expired' | 'days-7' | 'days-14' | 'days-30' | 'days-60';

/** Something that will go wrong unless somebody acts. */
export interface Foresight {
  /** `partner/acme`, `identity/main`, `node/edge-1`, `community/chat`, `siem/soc`, `authority/channel-issuing`. */
  readonly subject: string;
  readonly what: ForesightKind;
  /** Of a partner: in what it shows us, or in what we show it. */
  readonly direction?: Sighting['direction'];
  readonly whenMs: number;
  readonly severity: Severity;
  /** Nothing else takes its place: from then on this partner cannot talk to us. */
  readonly breaks: boolean;
  readonly message: string;
}

/** Before it is known whether it is near enough to tell. */
export type Prospect = Omit<Foresight, 'severity'>;

/** Reads the certificates of a PEM text; what cannot be read is left out. */
export type CertificatesOf = (pem: string) => readonly Certificate[];

const DAY_MS = 86_400_000;
const STEPS = [
  [7, 'days-7'],
  [14, 'days-14'],
  [30, 'days-30'],
  [60, 'days-60'],
] as const;

/** How near a time is; undefined when it is more than 60 days away. A certificate's last moment is still good. */
export function severityOf(whenMs: number, atMs: number): Severity | undefined {
  if (atMs > whenMs) return 'expired';
  return STEPS.find(([days]) => whenMs - atMs <= days * DAY_MS)?.[1];
}

/** How a certificate is called in a warning. */
export function nameOf({ subjectName, fingerprintSha256 }: Certificate): string {
  const { commonNames, organizations } = subjectName;
  return commonNames[0] ?? organizations.at(-1) ?? fingerprintSha256.slice(0, 16);
}
