import {
  type Decoder,
  decodeJson,
  integer,
  list,
  oneOf,
  record,
  text,
} from '@sallyport/shared/channel/strict-json.ts';
import type { Result } from '@sallyport/shared/result.ts';

/** A person to speak to at the other company. */
export interface OfferContact {
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
}

/** An offer as it stands in its file: certificates once, as text, and everywhere else by their SHA-256. */
export interface OfferDocument {
  readonly format: typeof OFFER_FORMAT;
  /** For whoever opens the file without the program. */
  readonly note: string;
  readonly site: string;
  readonly sequence: number;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly domains: readonly string[];
  readonly endpoints: readonly { readonly host: string; readonly port: number }[];
  readonly contacts: readonly OfferContact[];
  readonly identities: readonly {
    readonly name: string;
    readonly serverNames: readonly string[];
    readonly keys: readonly {
      readonly use: 'now' | 'next';
      readonly spki: string;
      readonly chain: readonly string[];
    }[];
  }[];
  readonly anchors: readonly string[];
  readonly pins: readonly string[];
  /** All certificates: lines of PEM. */
  readonly pem: readonly string[];
  /** The same certificates: lines of base64, to be saved as `.p7b`. */
  readonly pkcs7: readonly string[];
  readonly fingerprint: string;
  /** Base64 SPKI, Ed25519. */
  readonly signingKey: string;
  /** Base64. */
  readonly signature: string;
}

export const OFFER_FORMAT = 'sallyport-offer-1';

const FORMAT = /"format"\s*:\s*"sallyport-offer-(\d{1,6})"/;
const LINES_MAX = 20_000;

const shortName = text(63, /^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');
const host = text(253, /^[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?$/, 'a host name or address');
const domain = text(253, /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'a domain in lower case');
/** Neither control characters nor marks that turn the direction of writing: it is shown to people. */
const words = text(200, /^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'printable text');
const digest = text(64, /^[0-9a-f]{64}$/, '64 hexadecimal digits');
const pin = text(44, /^[A-Za-z0-9+/]{43}=$/, 'base64 of a SHA-256');
const key = text(60, /^[A-Za-z0-9+/]{59}=$/, 'base64 of an Ed25519 public key');
const line = text(76, /^[A-Za-z0-9+/=-][A-Za-z0-9+/= -]*$/, 'a line of PEM');
const instant: Decoder<string> = (value, at, problems) => {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(time) && new Date(time).toISOString() === value) return value;
  problems.push(`${at}: expected a time like 2026-01-31T12:00:00.000Z`);
  return '';
};

const identities = list(
  32,
  record<OfferDocument['identities'][number]>({
    name: shortName,
    serverNames: list(1000, domain),
    keys: list(
      8,
      record<OfferDocument['identities'][number]['keys'][number]>({
        use: oneOf('now', 'next'),
        spki: pin,
        chain: list(8, digest),
      }),
      1,
    ),
  }),
);

const document: Decoder<OfferDocument> = record<OfferDocument>({
  format: oneOf(OFFER_FORMAT),
  note: text(1000, /^[^\p{C}]*$/u, 'printable text'),
  site: shortName,
  sequence: integer(1, 2 ** 31 - 1),
  issuedAt: instant,
  expiresAt: instant,
  domains: list(1000, domain, 1),
  endpoints: list(
    64,
    record<OfferDocument['endpoints'][number]>({ host, port: integer(1, 65_535) }),
  ),
  contacts: list(
    20,
    record<OfferContact>({ name: words, email: words, phone: words }, ['email', 'phone']),
  ),
  identities,
  anchors: list(64, digest),
  pins: list(64, pin),
  pem: list(LINES_MAX, line, 1),
  pkcs7: list(LINES_MAX, line, 1),
  fingerprint: digest,
  signingKey: key,
  signature: text(88, /^[A-Za-z0-9+/]{86}==$/, 'base64 of an Ed25519 signature'),
});

/** Version of the offer format that a text claims, or undefined for a text that is no offer at all. */
export function offerVersion(file: string): number | undefined {
  if (!file.trimStart().startsWith('{')) return undefined;
  const [, version] = FORMAT.exec(file) ?? [];
  return version === undefined ? undefined : Number(version);
}

/** Decodes an offer's file strictly: unknown keys, wrong forms and excess are refused, all of them at once. */
export function decodeOfferDocument(bytes: Buffer): Result<OfferDocument, readonly string[]> {
  return decodeJson(bytes, document);
}
