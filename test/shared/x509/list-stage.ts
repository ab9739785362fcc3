import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { type Revocation, revocationOf } from '@sallyport/shared/x509/revocation.ts';
import { parseRevocationList } from '@sallyport/shared/x509/revocation-list.ts';
import { buildRevocationList, type ListDraft } from '../../revocation-list-builder.ts';
import { der, extension, generalName, sequence, TEST_TIME_MS } from '../../x509-builder.ts';
import { authority, type Entity, endEntity } from './path-stage.ts';

const MADE_UP = '1.3.6.1.4.1.55738.666.1';

export const ROOT: Entity = authority({ subject: 'CN=list root' });

/** What lists say of a path that stands, leaf first: `good`, `revoked` or why nothing is known. */
export function judgeLists(
  path: readonly Pick<Entity, 'der'>[],
  lists: readonly Buffer[],
  atMs = TEST_TIME_MS,
): string {
  const [leaf, ...issuers] = path.map(parsed);
  if (leaf === undefined) throw new Error('a path has a leaf');
  const { notBeforeMs, notAfterMs } = leaf;
  const known = lists.flatMap((bytes) => {
    const list = parseRevocationList(bytes);
    return list.ok ? [list.value] : [];
  });
  const found = revocationOf(
    { leaf, chain: [leaf, ...issuers], notBeforeMs, notAfterMs },
    known,
    atMs,
  );
  return wordOf(found);
}

/** Why bytes are no list, or `taken`. */
export function listFault(bytes: Buffer): string {
  const list = parseRevocationList(bytes);
  return list.ok ? 'taken' : list.error;
}

/** A list of the issuer, in its subject's words. */
export function listOf(issuer: Entity, draft: Omit<ListDraft, 'issuer'> = {}): Buffer {
  return buildRevocationList({ ...draft, issuer });
}

/** A leaf of an authority below the root, with a serial number. */
export function leafOf(issuer: Entity, serialHex: string, ...more: readonly Buffer[]): Entity {
  return endEntity(issuer, { serial: Buffer.from(serialHex, 'hex'), more });
}

export function madeUp(isCritical: boolean): Buffer {
  return extension(MADE_UP, isCritical, Buffer.from('0500', 'hex'));
}

/** A DistributionPointName of full names. */
export function fullName(...names: readonly string[]): Buffer {
  return der(0xa0, ...names.map(generalName));
}

/** cRLDistributionPoints of one point each. */
export function distributionPoints(...points: readonly (readonly Buffer[])[]): Buffer {
  return extension('2.5.29.31', false, sequence(...points.map((parts) => sequence(...parts))));
}

/** A distribution point's name, as a point holds it. */
export function pointName(name: Buffer): Buffer {
  return der(0xa0, name);
}

function wordOf(found: Revocation): string {
  if (found.kind === 'good') return 'good';
  return found.kind === 'revoked' ? `revoked: ${found.reason}` : found.why;
}

function parsed({ der: bytes }: Pick<Entity, 'der'>): Certificate {
  const certificate = parseCertificate(bytes);
  if (!certificate.ok) throw new Error(certificate.error);
  return certificate.value;
}
