import { buildRevocationList, type ListDraft } from '../../revocation-list-builder.ts';
import { authority, type Entity, endEntity, type Oddities } from '../../shared/x509/path-stage.ts';
import { utcTime } from '../../x509-builder.ts';

/** What an authority's lists say of one of its certificates. */
export interface ListQuestion {
  readonly name: string;
  readonly leaf: Buffer;
  readonly issuer: Buffer;
  readonly lists: readonly Buffer[];
  readonly atMs: number;
}

/** GnuTLS knows no other time than that of the machine. */
export const NOW_MS: number = Math.floor(Date.now() / 1000) * 1000;
export const DAY_MS = 86_400_000;
/** The number of the certificate that is asked about. */
export const SERIAL: Buffer = Buffer.from('51', 'hex');

const DATES = { notBeforeMs: NOW_MS - 30 * DAY_MS, notAfterMs: NOW_MS + 300 * DAY_MS };
export const ROOT: Entity = authority({ subject: 'CN=list root', ...DATES });

/** An authority in place of the plain one. */
export function listRoot(oddities: Oddities): Entity {
  return authority({ subject: 'CN=list root', ...DATES, ...oddities });
}

/** A list in force from yesterday until in a month, of the plain authority unless said otherwise. */
export function oddList(draft: Partial<ListDraft> = {}): Buffer {
  return buildRevocationList({
    issuer: ROOT,
    thisUpdate: utcTime(NOW_MS - DAY_MS),
    nextUpdate: utcTime(NOW_MS + 30 * DAY_MS),
    ...draft,
    entries: (draft.entries ?? []).map((entry) => ({
      revokedAtMs: NOW_MS - 2 * DAY_MS,
      ...entry,
    })),
  });
}

/** A certificate below an authority, and what its lists say. */
export function asked(
  name: string,
  lists: readonly Buffer[],
  {
    issuer = ROOT,
    more = [],
  }: { readonly issuer?: Entity; readonly more?: readonly Buffer[] } = {},
): ListQuestion {
  const leaf = endEntity(issuer, { serial: SERIAL, more, ...DATES });
  return { name, leaf: leaf.der, issuer: issuer.der, lists, atMs: NOW_MS };
}
