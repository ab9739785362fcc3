import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy, type PathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import type { Purpose } from '@sallyport/shared/x509/purpose.ts';
import { coversDomain } from '@sallyport/shared/x509/sip-identity.ts';
import {
  authorityKeyId,
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  ecKey,
  extendedKeyUsage,
  extension,
  keyUsage,
  Oid,
  sequence,
  subjectAltName,
  subjectKeyId,
  TEST_TIME_MS,
  type TestKey,
} from '../../x509-builder.ts';

/** A certificate with the name and key that sign in its place. */
export interface Entity {
  readonly subject: string | Buffer;
  readonly key: TestKey;
  readonly der: Buffer;
}

/** What is to be unusual about a certificate; null leaves the extension out, absent means the usual one. */
export interface Oddities extends Omit<Partial<CertificateDraft>, 'extensions'> {
  readonly basicConstraints?: Buffer | null;
  readonly keyUsage?: Buffer | null;
  readonly subjectKeyId?: Buffer | null;
  readonly authorityKeyId?: Buffer | null;
  readonly purposes?: Buffer | null;
  readonly names?: Buffer | null;
  readonly more?: readonly Buffer[];
}

/** Bits of the keyUsage that an authority has: keyCertSign and cRLSign. */
const AUTHORITY_USAGE: readonly number[] = [5, 6];

/** A certificate of an authority, self-signed unless an issuer is given. */
export function authority(
  oddities: Oddities & { subject: string | Buffer },
  issuer?: Entity,
): Entity {
  return entity(oddities, issuer, {
    basicConstraints: basicConstraints(true),
    keyUsage: keyUsage(...AUTHORITY_USAGE),
  });
}

/** A certificate of a peer: `peer.example` as server and client. */
export function endEntity(issuer: Entity, oddities: Oddities = {}): Entity {
  return entity({ subject: 'CN=peer', ...oddities }, issuer, {
    basicConstraints: null,
    keyUsage: keyUsage(0),
    purposes: extendedKeyUsage([Oid.serverAuth]),
    names: subjectAltName(['dns:peer.example']),
  });
}

function entity(
  oddities: Oddities & { subject: string | Buffer },
  issuer: Entity | undefined,
  usual: Oddities,
): Entity {
  const { subject, key = ecKey() } = oddities;
  const slots: Oddities = {
    subjectKeyId: subjectKeyId(key),
    authorityKeyId: authorityKeyId(issuer?.key ?? key),
    ...usual,
    ...oddities,
  };
  const extensions = [
    slots.basicConstraints,
    slots.keyUsage,
    slots.subjectKeyId,
    slots.authorityKeyId,
    slots.purposes,
    slots.names,
    ...(oddities.more ?? []),
  ].filter((extension) => extension !== undefined && extension !== null);
  const by = issuer === undefined ? {} : { issuer };
  return { subject, key, der: buildCertificate({ ...by, ...oddities, subject, key, extensions }) };
}

/** Who is judged, and against what. */
interface Judgement {
  readonly leaf: Entity;
  readonly anchors: readonly Entity[];
  readonly intermediates?: readonly Entity[];
  readonly domain?: string;
  readonly purpose?: Purpose;
  readonly policy?: Partial<PathPolicy>;
  readonly atMs?: number;
}

/** `accepted`, or the word for what stands against it. */
export function judge(judgement: Judgement): string {
  const leaf = parseCertificate(judgement.leaf.der);
  if (!leaf.ok) return leaf.error;
  const path = validatePath({
    leaf: leaf.value,
    intermediates: readable(judgement.intermediates ?? []),
    anchors: readable(judgement.anchors),
    pins: [],
    purpose: judgement.purpose ?? 'server',
    policy: { ...defaultPathPolicy, intermediatesMax: 6, ...judgement.policy },
    atMs: judgement.atMs ?? TEST_TIME_MS,
  });
  if (!path.ok) return path.error;
  const { domain } = judgement;
  return domain === undefined || coversDomain(leaf.value, domain) ? 'accepted' : 'name-not-covered';
}

/** What cannot be parsed is not there. */
function readable(entities: readonly Entity[]): Certificate[] {
  return entities.flatMap(({ der }) => {
    const parsed = parseCertificate(der);
    return parsed.ok ? [parsed.value] : [];
  });
}

export const ROOT = { subject: 'CN=root' } as const;
export const MIDDLE = { subject: 'CN=middle' } as const;
/** The plain root that `below` trusts. */
export const root: Entity = authority(ROOT);

/** A leaf below an anchor. */
export function under(anchor: Entity, oddities: Oddities = {}, domain?: string): string {
  const asked = domain === undefined ? {} : { domain };
  return judge({ leaf: endEntity(anchor, oddities), anchors: [anchor], ...asked });
}

/** A leaf below an intermediate below the plain root. */
export function below(middle: Entity, oddities: Oddities = {}, domain?: string): string {
  const leaf = endEntity(middle, oddities);
  const asked = domain === undefined ? {} : { domain };
  return judge({ leaf, anchors: [root], intermediates: [middle], ...asked });
}

export function dns(...names: readonly string[]): Buffer {
  return subjectAltName(names.map((name) => `dns:${name}`));
}

/** subjectAltName of names in DER. */
export function named(...names: readonly Buffer[]): Buffer {
  return extension('2.5.29.17', false, sequence(...names));
}
