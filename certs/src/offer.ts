import { createPrivateKey, hash } from 'node:crypto';
import { isSignedJson, signJson } from '@sallyport/shared/channel/signed-json.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem, encodePem } from '@sallyport/shared/x509/pem.ts';
import { spkiBase64 } from '@sallyport/shared/x509/spki.ts';
import { type TrustContent, trustFingerprint } from '@sallyport/shared/x509/trust-fingerprint.ts';
import { parseBer } from './ber-element.ts';
import { CERTIFICATES_MAX, type FileFault, fileFault } from './file-fault.ts';
import {
  decodeOfferDocument,
  OFFER_FORMAT,
  type OfferContact,
  type OfferDocument,
  offerVersion,
} from './offer-document.ts';
import { encodePkcs7 } from './pkcs7-export.ts';
import { readPkcs7 } from './pkcs7-reader.ts';

/** A key that a site presents now, or will next. */
export interface OfferedKey {
  readonly use: 'now' | 'next';
  /** Base64 SHA-256 of the public key. */
  readonly spki: string;
  /** DER, leaf first; empty while the certificate is not issued yet. */
  readonly chain: readonly Buffer[];
}

/** What a site tells a partner about itself. */
export interface OfferDraft {
  readonly site: string;
  /** Counts up with every offer that this partner gets. */
  readonly sequence: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly domains: readonly string[];
  /** Where partners dial; empty: DNS says. */
  readonly endpoints: readonly { readonly host: string; readonly port: number }[];
  readonly contacts: readonly OfferContact[];
  readonly identities: readonly {
    readonly name: string;
    readonly serverNames: readonly string[];
    readonly keys: readonly OfferedKey[];
  }[];
  /** DER: what the partner shall trust. */
  readonly anchors: readonly Buffer[];
  /** Unless empty, a path must hold one of these public keys: base64 SHA-256. */
  readonly pins: readonly string[];
}

/** An offer that was read: its parts agree, and its signature is its signer's. */
export interface Offer extends OfferDraft {
  /** Every certificate of the file, each once. */
  readonly certificates: readonly Buffer[];
  /** Base64 SPKI. */
  readonly signingKey: string;
  /** Of `trustOfOffer`, hexadecimal. */
  readonly fingerprint: string;
}

const SIGNATURE_LABEL = 'sallyport offer v1\n';
const NOTE =
  'Save the lines of "pem" as certificates.pem, or those of "pkcs7" as certificates.p7b. ' +
  'Compare the fingerprint by telephone before you trust them.';
const PROBLEMS_SHOWN = 5;
const BASE64_LINE = 64;

/**
 * Writes an offer as one JSON text, signed with the site's offer-signing key (Ed25519, PKCS#8 PEM).
 *
 * What would not be accepted when read is not written: the same faults come back.
 */
export function writeOffer(draft: OfferDraft, signingKeyPem: string): Result<string, FileFault> {
  const privateKey = createPrivateKey(signingKeyPem);
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  const signingKey = spkiBase64(privateKey);
  const certificates = certificatesOf(draft);
  const unsigned = {
    format: OFFER_FORMAT,
    note: NOTE,
    site: draft.site,
    sequence: draft.sequence,
    issuedAt: new Date(draft.issuedAtMs).toISOString(),
    expiresAt: new Date(draft.expiresAtMs).toISOString(),
    domains: draft.domains,
    endpoints: draft.endpoints,
    contacts: draft.contacts,
    identities: draft.identities.map(({ name, serverNames, keys }) => ({
      name,
      serverNames,
      keys: keys.map(({ use, spki, chain }) => ({ use, spki, chain: chain.map(digestOf) })),
    })),
    anchors: draft.anchors.map(digestOf),
    pins: draft.pins,
    pem: certificates.flatMap((der) => encodePem(der, 'CERTIFICATE').trimEnd().split('\n')),
    pkcs7: linesOf(encodePkcs7(certificates)),
    fingerprint: trustFingerprint(trustOfOffer({ ...draft, signingKey })),
    signingKey,
  } satisfies Omit<OfferDocument, 'signature'>;
  const signature = signJson(SIGNATURE_LABEL, unsigned, privateKey);
  const file = `${JSON.stringify({ ...unsigned, signature }, null, 2)}\n`;
  const check = readOffer(Buffer.from(file), []);
  return check.ok ? ok(file) : check;
}

/**
 * Reads an offer and proves that it is whole: form, signature, and that all of its parts agree.
 *
 * `signingKeys` are those that signed earlier offers of this partner; with none, the key in the file is
 * believed for now, for it is part of the fingerprint that two people compare. Sequence, dates and the strength
 * of the certificates are judged in trust-problems.
 */
export function readOffer(file: Buffer, signingKeys: readonly string[]): Result<Offer, FileFault> {
  const version = offerVersion(file.toString('utf8'));
  if (version !== undefined && version > 1) return fileFault('offer-version-unsupported');
  const decoded = decodeOfferDocument(file);
  if (!decoded.ok) {
    return fileFault('offer-malformed', decoded.error.slice(0, PROBLEMS_SHOWN).join('; '));
  }
  const document = decoded.value;
  if (signingKeys.length > 0 && !signingKeys.includes(document.signingKey)) {
    return fileFault('offer-signer-unknown');
  }
  return isSigned(document) ? offerOf(document) : fileFault('offer-signature-wrong');
}

/** What the receiver of an offer would trust if it said yes: what the fingerprint is taken of. */
export function trustOfOffer(
  offer: Pick<Offer, 'anchors' | 'identities' | 'pins' | 'signingKey'>,
): TrustContent {
  const isAnchor = (der: Buffer) => offer.anchors.some((anchor) => anchor.equals(der));
  const above = offer.identities.flatMap(({ keys }) => keys.flatMap(({ chain }) => chain.slice(1)));
  return {
    anchors: offer.anchors,
    intermediates: unique(above).filter((der) => !isAnchor(der)),
    pins: offer.pins,
    signingKeys: [offer.signingKey],
  };
}

/** Puts the value together from the file's parts, and refuses parts that do not fit each other. */
function offerOf(document: OfferDocument): Result<Offer, FileFault> {
  const certificates = decodePem(document.pem.join('\n'), 'CERTIFICATE');
  if (certificates.length > CERTIFICATES_MAX) return fileFault('certificates-too-many');
  const byDigest = new Map(certificates.map((der) => [digestOf(der), der]));
  const missing: string[] = [];
  const find = (digest: string) => {
    const der = byDigest.get(digest);
    if (der === undefined) missing.push(digest);
    return der ?? Buffer.alloc(0);
  };
  const parts = {
    anchors: document.anchors.map(find),
    identities: document.identities.map(({ name, serverNames, keys }) => ({
      name,
      serverNames,
      keys: keys.map(({ use, spki, chain }) => ({ use, spki, chain: chain.map(find) })),
    })),
    pins: document.pins,
    signingKey: document.signingKey,
  };
  if (missing.length > 0) return fileFault('offer-inconsistent', 'a certificate is missing');
  const contradiction =
    contradictionOf(document, parts, certificates) ?? contradictionOfKeys(parts);
  if (contradiction !== undefined) return fileFault('offer-inconsistent', contradiction);
  return ok({
    ...parts,
    site: document.site,
    sequence: document.sequence,
    issuedAtMs: Date.parse(document.issuedAt),
    expiresAtMs: Date.parse(document.expiresAt),
    domains: document.domains,
    endpoints: document.endpoints,
    contacts: document.contacts,
    certificates,
    fingerprint: document.fingerprint,
  });
}

type OfferParts = Pick<Offer, 'anchors' | 'identities' | 'pins' | 'signingKey'>;

function contradictionOf(
  document: OfferDocument,
  parts: OfferParts,
  certificates: readonly Buffer[],
): string | undefined {
  if (!sameCertificates(certificates, certificatesOf(parts))) return 'a certificate has no use';
  if (!sameCertificates(certificates, pkcs7CertificatesOf(document)))
    return 'PEM and PKCS#7 differ';
  if (trustFingerprint(trustOfOffer(parts)) !== document.fingerprint) return 'wrong fingerprint';
  if (document.expiresAt <= document.issuedAt) return 'it ends before it begins';
  return parts.anchors.length === 0 && parts.pins.length === 0 ? 'nothing to trust' : undefined;
}

/** Every key must be the one of its certificate, and let through by the pins if there are any. */
function contradictionOfKeys({ anchors, identities, pins }: OfferParts): string | undefined {
  const above = anchors.flatMap((der) => parsed(der)?.spkiSha256 ?? []);
  for (const { spki, chain } of identities.flatMap(({ keys }) => keys)) {
    const [leaf, ...rest] = chain.map(parsed);
    if (chain.length > 0 && leaf?.spkiSha256 !== spki)
      return 'a key is not that of its certificate';
    const spkis = [spki, ...rest.flatMap((one) => one?.spkiSha256 ?? []), ...above];
    if (pins.length > 0 && !pins.some((pin) => spkis.includes(pin))) {
      return 'a key is shut out by the pins';
    }
  }
  return undefined;
}

function parsed(der: Buffer): Certificate | undefined {
  const certificate = parseCertificate(der);
  return certificate.ok ? certificate.value : undefined;
}

function pkcs7CertificatesOf(document: OfferDocument): readonly Buffer[] {
  const bag = parseBer(Buffer.from(document.pkcs7.join(''), 'base64'));
  const certificates = bag.ok ? readPkcs7(bag.value) : bag;
  return certificates.ok ? certificates.value : [];
}

function isSigned(document: OfferDocument): boolean {
  const { signature, ...unsigned } = document;
  return isSignedJson(SIGNATURE_LABEL, unsigned, document.signingKey, signature);
}

/** Leaves and what is above them first, then anchors; each certificate once. */
function certificatesOf(parts: Pick<Offer, 'anchors' | 'identities'>): readonly Buffer[] {
  const chains = parts.identities.flatMap(({ keys }) => keys.flatMap(({ chain }) => chain));
  return unique([...chains, ...parts.anchors]);
}

function unique(ders: readonly Buffer[]): readonly Buffer[] {
  return [...new Map(ders.map((der) => [digestOf(der), der])).values()];
}

function sameCertificates(left: readonly Buffer[], right: readonly Buffer[]): boolean {
  const list = (ders: readonly Buffer[]) => ders.map(digestOf).toSorted().join();
  return list(left) === list(right);
}

function digestOf(der: Buffer): string {
  return hash('sha256', der);
}

function linesOf(der: Buffer): readonly string[] {
  return der.toString('base64').match(new RegExp(`.{1,${BASE64_LINE}}`, 'g')) ?? [];
}
