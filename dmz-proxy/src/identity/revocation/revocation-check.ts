import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import type { Path } from '@sallyport/shared/x509/path.ts';
import { type RevocationGap, revocationOf } from '@sallyport/shared/x509/revocation.ts';
import {
  type RevocationList,
  revocationListRefusal,
} from '@sallyport/shared/x509/revocation-list.ts';
import type { RevocationReason } from '@sallyport/shared/x509/revocation-reason.ts';
import type { Partner, PartnerTable } from '../partner.ts';
import type { RevocationOf } from '../revocation-seam.ts';
import { FetchedLists, type FetchedListsOptions } from './fetched-lists.ts';
import type { GivenList } from './given-lists.ts';
import { mustStaple, statusNow } from './staple.ts';

interface Revoked {
  readonly certificate: Certificate;
  readonly reason: RevocationReason;
  readonly revokedAtMs: number;
}

interface Unknown {
  readonly certificate: Certificate;
  /** `staple-required`: it is bound to come with a staple, and none came that is good. */
  readonly why: RevocationGap | 'staple-required';
}

/** How often one thing is written about one partner; in between it is only counted. */
const LINE_EVERY_MS = 600_000;
const LINES_KEPT_MAX = 10_000;

/**
 * What is known of partners' certificates: from the lists of the snapshot, and where a partner's settings allow it from
 * those that the certificates themselves name, and from what servers staple.
 *
 * Lists of one partner say nothing of another's certificates unless both have the same issuer's key in their paths.
 * What cannot be used is reported, once in ten minutes, and ignored.
 */
export class RevocationCheck {
  readonly #options: FetchedListsOptions;
  readonly #fetched: FetchedLists;
  readonly #nextLineMs = new Map<string, number>();

  constructor(options: FetchedListsOptions) {
    this.#options = options;
    this.#fetched = new FetchedLists(options);
  }

  /** Never waits. A list that revokes outweighs any staple. */
  readonly of: RevocationOf = (path, partner, atMs, staple) => {
    const status = staple && statusNow(staple, path, atMs);
    if (status?.ok === false && status.error !== 'ocsp-missing') {
      this.#report('staple-ignored', partner, status.error, { serial: path.leaf.serialHex });
    }
    const stapled = status?.ok ? status.value : undefined;
    const isLeafGood = stapled?.kind === 'good';
    const listed = revocationOf(path, this.#listsFor(path, partner), atMs, isLeafGood);
    if (listed.kind === 'revoked') return this.#revoked(partner, listed);
    if (stapled?.kind === 'revoked') {
      return this.#revoked(partner, { ...stapled, certificate: path.leaf });
    }
    const hasIssuer = path.chain.length > 1;
    if (status !== undefined && !isLeafGood && hasIssuer && mustStaple(path.leaf)) {
      return this.#unknown(partner, { certificate: path.leaf, why: 'staple-required' });
    }
    return listed.kind === 'unknown' ? this.#unknown(partner, listed) : 'good';
  };

  /** About once a second. */
  sweep({ byId }: Pick<PartnerTable, 'byId'>): void {
    this.#fetched.sweep((id) => isFetchedFor(byId.get(id)));
  }

  #revoked(partner: Partner, { certificate, reason, revokedAtMs }: Revoked): 'revoked' {
    const revokedAt = new Date(revokedAtMs).toISOString();
    const serial = certificate.serialHex;
    this.#report('certificate-revoked', partner, reason, { serial, revokedAt });
    return 'revoked';
  }

  #unknown(partner: Partner, { certificate, why }: Unknown): 'unknown' {
    this.#report('revocation-unknown', partner, why, { serial: certificate.serialHex });
    return 'unknown';
  }

  #listsFor(path: Path, partner: Partner): readonly RevocationList[] {
    const lists = partner.revocationLists.flatMap((given, at) =>
      this.#usable(given, at, path, partner),
    );
    if (!partner.settings.revocation.fetch) return lists;
    for (const [at, issuer] of path.chain.slice(1).entries()) {
      lists.push(...this.#fetched.of(path.chain[at] as Certificate, issuer, partner));
    }
    return lists;
  }

  #usable({ parsed }: GivenList, at: number, { chain }: Path, partner: Partner): RevocationList[] {
    if (!parsed.ok) {
      this.#report('revocation-list-ignored', partner, parsed.error, { list: at });
      return [];
    }
    for (const issuer of chain.slice(1)) {
      const code = revocationListRefusal(parsed.value, issuer);
      if (code === undefined || code === 'list-of-another-issuer') continue;
      this.#report('revocation-list-ignored', partner, code, { list: at });
    }
    return [parsed.value];
  }

  #report(
    event:
      | 'certificate-revoked'
      | 'revocation-unknown'
      | 'revocation-list-ignored'
      | 'staple-ignored',
    { id: partner }: Partner,
    code: string,
    facts: Readonly<Record<string, string | number>>,
  ): void {
    const { counters, log, nowMs } = this.#options;
    counters.add(`${event}:${code}`);
    const key = `${event} ${partner} ${code} ${Object.values(facts).join(' ')}`;
    if (nowMs() < (this.#nextLineMs.get(key) ?? 0)) return;
    if (this.#nextLineMs.size >= LINES_KEPT_MAX) this.#nextLineMs.clear();
    this.#nextLineMs.set(key, nowMs() + LINE_EVERY_MS);
    log.warn(event, { partner, code, ...facts });
  }
}

function isFetchedFor(partner: Partner | undefined): boolean {
  if (partner?.settings.revocation.fetch !== true) return false;
  const tried = partner.trial?.revocation ?? 'off';
  return partner.settings.revocation.mode !== 'off' || tried !== 'off';
}
