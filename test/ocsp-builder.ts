import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { Issued } from '@sallyport/certs/authority.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { DerReader, Tag } from '@sallyport/shared/x509/der-reader.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import {
  algorithm,
  bitString,
  buildCertificate,
  der,
  ecKey,
  extension,
  integer,
  keyUsage,
  oid,
  sequence,
  subjectAltName,
  testKey,
} from './x509-builder.ts';

/** What an authority answers; by itself, good for an hour, unless it says otherwise. */
export interface OcspDraft {
  readonly certificate: Certificate;
  readonly authority: Issued;
  /** Signs in the authority's name with this key. */
  readonly forger?: Issued;
  readonly isRevoked?: boolean;
  /** Number of the reason why. */
  readonly reason?: number;
  readonly thisUpdateMs?: number;
  readonly nextUpdateMs?: number;
  /** Other answers about the same certificate, behind this one. */
  readonly also?: readonly Pick<OcspDraft, 'isRevoked' | 'thisUpdateMs' | 'nextUpdateMs'>[];
  /** What DER leaves out when it is 0, for version 1. */
  readonly writtenVersion?: number;
}

const MINUTE_MS = 60_000;
const TLS_FEATURE = '1.3.6.1.5.5.7.1.24';
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const OCSP_BASIC = '1.3.6.1.5.5.7.48.1.1';

/** An OCSP response in DER by an authority with a P-256 key (RFC 6960 §4.2). */
export function ocspResponse(draft: OcspDraft): Buffer {
  const { certificate, authority, forger = authority, also = [] } = draft;
  const issuer = certificateOf(authority);
  const sha1 = (bytes: Buffer) => der(0x04, createHash('sha1').update(bytes).digest());
  const id = sequence(
    algorithm('1.3.14.3.2.26', der(0x05)),
    sha1(issuer.subject),
    sha1(keyBitsOf(issuer)),
    der(0x02, Buffer.from(certificate.serialHex, 'hex')),
  );
  const { writtenVersion } = draft;
  const tbs = sequence(
    ...(writtenVersion === undefined ? [] : [der(0xa0, integer(writtenVersion))]),
    der(0xa1, issuer.subject),
    generalizedTime(draft.thisUpdateMs ?? Date.now() - MINUTE_MS),
    sequence(...[draft, ...also].map((one) => singleAnswer(id, one))),
  );
  const signature = bitString(sign('sha256', tbs, forger.privateKeyPem));
  const basic = sequence(tbs, algorithm(ECDSA_SHA256), signature);
  const bytes = sequence(oid(OCSP_BASIC), der(0x04, basic));
  return sequence(der(0x0a, Buffer.of(0)), der(0xa0, bytes));
}

function singleAnswer(id: Buffer, answer: Omit<OcspDraft, 'certificate' | 'authority'>): Buffer {
  const { isRevoked = false, reason = 1 } = answer;
  const thisUpdate = generalizedTime(answer.thisUpdateMs ?? Date.now() - MINUTE_MS);
  const nextUpdate = generalizedTime(answer.nextUpdateMs ?? Date.now() + 60 * MINUTE_MS);
  const status = isRevoked
    ? der(0xa1, thisUpdate, der(0xa0, der(0x0a, Buffer.of(reason))))
    : der(0x80);
  return sequence(id, status, thisUpdate, der(0xa0, nextUpdate));
}

/** A certificate for `globex.example` that says which TLS extensions its server offers (RFC 7633 §4.1). */
export function issueWithTlsFeatures(authority: Issued, ...features: readonly number[]): Issued {
  const key = ecKey();
  const issuerKey = testKey({
    privateKey: createPrivateKey(authority.privateKeyPem),
    publicKey: createPublicKey(authority.certificatePem),
  });
  const bytes = buildCertificate({
    subject: 'CN=globex.example',
    key,
    issuer: { subject: certificateOf(authority).subject, key: issuerKey },
    notBeforeMs: Date.now() - 60 * MINUTE_MS,
    notAfterMs: Date.now() + 60 * MINUTE_MS,
    extensions: [
      keyUsage(0),
      subjectAltName(['uri:sip:globex.example', 'dns:globex.example']),
      tlsFeatures(...features),
    ],
  });
  const body = bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  const certificatePem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  const privateKeyPem = String(key.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return { certificatePem, privateKeyPem };
}

/** The extension with these numbers of TLS extensions. */
export function tlsFeatures(...features: readonly number[]): Buffer {
  return extension(TLS_FEATURE, false, sequence(...features.map(integer)));
}

function certificateOf({ certificatePem }: Issued): Certificate {
  const parsed = parseCertificate(decodePem(certificatePem, 'CERTIFICATE')[0] as Buffer);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function keyBitsOf({ spki }: Certificate): Buffer {
  const reader = DerReader.over(spki).enter(Tag.sequence);
  reader.enter(Tag.sequence);
  return reader.octetsOfBitString();
}

function generalizedTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '');
  return der(0x18, Buffer.from(`${digits.slice(0, 14)}Z`));
}
