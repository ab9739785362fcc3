import { sign } from 'node:crypto';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import type { Partner } from '@sallyport/dmz-proxy/identity/partner.ts';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import type { RevocationSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { contextTag, DerReader, Tag } from '@sallyport/shared/x509/der-reader.ts';
import type { Path } from '@sallyport/shared/x509/path.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import {
  issueRevocationList,
  type RevokedCertificate,
} from '../../../certs/issue-revocation-list.ts';
import { around, partnerSnapshot } from '../../../integration/support/proxy-site.ts';
import { parsed } from '../../../shared/x509/revocation-stage.ts';

const HOUR_MS = 3_600_000;

/** An authority that lists what it revokes, and another of the same name. */
export const authority: Issued = await createAuthority({ commonName: 'listing', ...around() });
export const namesake: Issued = await createAuthority({ commonName: 'listing', ...around() });
export const issuer: Certificate = parsed(authority);

/** A certificate of the authority that names these places. */
export async function leafAt(...uris: readonly string[]): Promise<Certificate> {
  const names = { uris: ['sip:globex.example'], dnsNames: ['globex.example'] };
  const request = { commonName: 'leaf', ...names, revocationListUris: uris, ...around() };
  return parsed(await issueLeaf(authority, request));
}

export function pathOf(leaf: Certificate): Path {
  const { notBeforeMs, notAfterMs } = leaf;
  return { leaf, chain: [leaf, issuer], notBeforeMs, notAfterMs };
}

/** What a list shall say beside the usual. */
export interface ListRequest {
  readonly by?: Issued;
  readonly revoked?: readonly Certificate[];
  readonly reason?: RevokedCertificate['reason'];
  readonly thisUpdateMs?: number;
  readonly nextUpdateMs?: number;
}

/** A list in PEM, in force from an hour ago for two hours. */
export function listPem(request: ListRequest = {}): Promise<string> {
  const { thisUpdateMs = Date.now() - HOUR_MS, reason = 'keyCompromise' } = request;
  return issueRevocationList(request.by ?? authority, {
    number: 1,
    thisUpdateMs,
    nextUpdateMs: request.nextUpdateMs ?? thisUpdateMs + 2 * HOUR_MS,
    revoked: (request.revoked ?? []).map(({ serialHex }) => {
      return { serialHex, reason, revokedAtMs: thisUpdateMs };
    }),
  });
}

export function derOf(pem: string): Buffer {
  return decodePem(pem, 'X509 CRL')[0] as Buffer;
}

/** A partner with these settings. */
export function partnerWith(revocation: Partial<RevocationSnapshot>, id = 'globex'): Partner {
  const settings: RevocationSnapshot = { mode: 'hard-fail', fetch: true, lists: [], ...revocation };
  const snapshot = { ...partnerSnapshot(authority.certificatePem), id, revocation: settings };
  const table = partnerTable([snapshot], NO_PARTNERS, 0);
  if (!table.ok) throw new Error(table.error.join());
  return table.value.byId.get(id) as Partner;
}

/** A list of the authority that is at least so long, by an extension that means nothing. */
export async function longList(bytes: number): Promise<Buffer> {
  const list = DerReader.over(derOf(await listPem())).enter(Tag.sequence);
  const tbs = list.enter(Tag.sequence);
  const head = [
    tbs.whole(Tag.integer),
    tbs.whole(Tag.sequence),
    tbs.whole(Tag.sequence),
    tbs.whole(Tag.utcTime),
    tbs.whole(Tag.utcTime),
  ];
  const meaningless = element(Tag.objectIdentifier, Buffer.of(0x2a, 3, 4));
  const extension = element(
    Tag.sequence,
    meaningless,
    element(Tag.octetString, Buffer.alloc(bytes)),
  );
  const longer = element(
    Tag.sequence,
    ...head,
    element(contextTag(0, true), element(Tag.sequence, extension)),
  );
  const signature = sign('sha256', longer, authority.privateKeyPem);
  return element(
    Tag.sequence,
    longer,
    list.whole(Tag.sequence),
    element(Tag.bitString, Buffer.of(0), signature),
  );
}

function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const length = contents.reduce((sum, { length: more }) => sum + more, 0);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  const significant = octets.subarray(octets.findIndex((octet) => octet !== 0));
  const sized = length < 0x80 ? [length] : [0x80 + significant.length, ...significant];
  return Buffer.concat([Buffer.of(tag, ...sized), ...contents]);
}
