import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import {
  parseRevocationList,
  type RevocationList,
  type RevocationListFault,
  type RevocationListRefusal,
  revocationListRefusal,
} from '@sallyport/shared/x509/revocation-list.ts';
import type { Counters } from '../../health/counters.ts';
import type { Partner } from '../partner.ts';
import { type FetchFault, listUrl } from './fetch-list.ts';

export interface FetchedListsOptions {
  readonly fetch: (uri: string, partner: Partner) => Promise<Result<Buffer, FetchFault>>;
  /** A clock that does not jump. */
  readonly nowMs: () => number;
  readonly wallMs: () => number;
  readonly log: Pick<Logger, 'warn'>;
  readonly counters: Counters;
}

/** One place where one authority puts its list. */
interface Place {
  readonly uri: string;
  readonly host: string;
  readonly issuer: Certificate;
  /** Who led us there last. */
  partner: Partner;
  usedMs: number;
  dueMs: number;
  failures: number;
  isFetching: boolean;
  list: RevocationList | undefined;
}

type Refusal = FetchFault | RevocationListFault | RevocationListRefusal | 'list-older';

const URIS_PER_CERTIFICATE_MAX = 4;
const PLACES_MAX = 256;
const BYTES_MAX = 67_108_864;
/** One partner, with an authority of its own, must not push out what the others need. */
const PLACES_PER_PARTNER_MAX = 16;
const BYTES_PER_PARTNER_MAX = 25_165_824;
const FETCHES_MAX = 4;
const FETCHES_PER_PARTNER_MAX = 2;
/** Reading the largest list takes some tenths of a second in which nothing else is done. */
const FETCHES_PER_PARTNER_BURST = 32;
const FETCHES_PER_PARTNER_PER_SECOND = 0.1;
const REFRESH_MS_MIN = 300_000;
const REFRESH_MS_MAX = 86_400_000;
/** Of the time that a list has left: the rest is for failures. */
const REFRESH_SHARE = 0.75;
const RETRY_MS_MIN = 30_000;
const RETRY_MS_MAX = 3_600_000;
/** What nobody used for so long is not asked for again. */
const IDLE_MS = 86_400_000;

/**
 * Revocation lists fetched from where certificates say they are: nobody ever waits for one.
 *
 * Only certificates on a validated path lead anywhere, and a list is kept only if the issuer on that path signed it
 * and it is no older than the one before. Refreshed when three quarters of its time have passed (5 minutes to 24
 * hours), failures from 30 seconds on with back-off to an hour. At most 256 lists of 64 MiB together, a partner's 16
 * of 24 MiB; the one unused for longest goes. Four fetches at once, two for a partner, one at a host;
 * of a partner 32, and then one in ten seconds.
 */
export class FetchedLists {
  readonly #options: FetchedListsOptions;
  readonly #places = new Map<string, Place>();
  readonly #allowances = new Map<string, TokenBucket>();

  constructor(options: FetchedListsOptions) {
    this.#options = options;
  }

  /** What there is now for a certificate of this issuer; what is missing or old is begun to be fetched. */
  of(certificate: Certificate, issuer: Certificate, partner: Partner): readonly RevocationList[] {
    const lists: RevocationList[] = [];
    const urls = certificate.extensions.revocationPoints.flatMap((point) =>
      point.kind === 'uri' ? (listUrl(point.text) ?? []) : [],
    );
    for (const url of urls.slice(0, URIS_PER_CERTIFICATE_MAX)) {
      const { list } = this.#placeOf(url, issuer, partner);
      if (list !== undefined) lists.push(list);
    }
    this.#fetchDue();
    return lists;
  }

  /** About once a second: refreshes what is due, for partners whose lists are still fetched. */
  sweep(isFetchedFor: (partner: string) => boolean): void {
    const idleSinceMs = this.#options.nowMs() - IDLE_MS;
    for (const [key, place] of this.#places) {
      const isWanted = place.usedMs >= idleSinceMs && isFetchedFor(place.partner.id);
      if (!isWanted && !place.isFetching) this.#places.delete(key);
    }
    for (const id of this.#allowances.keys()) if (!isFetchedFor(id)) this.#allowances.delete(id);
    this.#fetchDue();
  }

  get size(): number {
    return this.#places.size;
  }

  #placeOf(url: URL, issuer: Certificate, partner: Partner): Place {
    const uri = url.href;
    const key = `${issuer.spkiSha256} ${uri}`;
    const nowMs = this.#options.nowMs();
    const known = this.#places.get(key);
    const place: Place = known ?? {
      uri,
      host: url.host,
      issuer,
      partner,
      usedMs: nowMs,
      dueMs: nowMs,
      failures: 0,
      isFetching: false,
      list: undefined,
    };
    place.partner = partner;
    place.usedMs = nowMs;
    this.#places.delete(key);
    this.#places.set(key, place);
    if (known === undefined) this.#makeRoom(place);
    return place;
  }

  #fetchDue(): void {
    const nowMs = this.#options.nowMs();
    for (const place of this.#places.values()) {
      if (place.dueMs <= nowMs && this.#mayFetch(place)) void this.#fetch(place);
    }
  }

  #mayFetch({ host, partner, isFetching }: Place): boolean {
    if (isFetching) return false;
    const running = [...this.#places.values()].filter((place) => place.isFetching);
    if (running.length >= FETCHES_MAX || running.some((place) => place.host === host)) return false;
    const ofPartner = running.filter((place) => place.partner.id === partner.id);
    return ofPartner.length < FETCHES_PER_PARTNER_MAX && this.#mayAfford(partner.id);
  }

  #mayAfford(partner: string): boolean {
    const nowMs = this.#options.nowMs();
    let allowance = this.#allowances.get(partner);
    if (allowance === undefined) {
      const [perSecond, burst] = [FETCHES_PER_PARTNER_PER_SECOND, FETCHES_PER_PARTNER_BURST];
      allowance = new TokenBucket(perSecond, burst, nowMs);
      this.#allowances.set(partner, allowance);
    }
    return allowance.take(nowMs);
  }

  async #fetch(place: Place): Promise<void> {
    const { fetch, nowMs, wallMs, log, counters } = this.#options;
    place.isFetching = true;
    const body = await fetch(place.uri, place.partner);
    place.isFetching = false;
    const taken = body.ok ? taking(body.value, place) : body;
    if (taken.ok) {
      place.list = taken.value;
      place.failures = 0;
      const leftMs = (taken.value.nextUpdateMs - wallMs()) * REFRESH_SHARE;
      place.dueMs = nowMs() + Math.min(Math.max(leftMs, REFRESH_MS_MIN), REFRESH_MS_MAX);
      counters.add('revocation-list-fetched');
      this.#makeRoom(place);
    } else {
      const delayMs = Math.min(RETRY_MS_MIN * 2 ** place.failures++, RETRY_MS_MAX);
      place.dueMs = nowMs() + delayMs;
      counters.add(`revocation-list-refused:${taken.error}`);
      const { host, partner } = place;
      log.warn('revocation-list-refused', { partner: partner.id, host, code: taken.error });
    }
    this.#fetchDue();
  }

  /** The map's order is that of use. What is being fetched stays: its end must find it. */
  #makeRoom(newest: Place): void {
    const others = () => [...this.#places].filter(([, place]) => place !== newest);
    const ofPartner = () => others().filter(([, { partner }]) => partner.id === newest.partner.id);
    for (const [rivals, placesMax, bytesMax] of [
      [ofPartner, PLACES_PER_PARTNER_MAX, BYTES_PER_PARTNER_MAX],
      [others, PLACES_MAX, BYTES_MAX],
    ] as const) {
      const kept = rivals();
      let bytes = kept.reduce((sum, [, place]) => sum + bytesOf(place), bytesOf(newest));
      let count = kept.length + 1;
      for (const [key, place] of kept) {
        if (count <= placesMax && bytes <= bytesMax) break;
        if (place.isFetching) continue;
        this.#places.delete(key);
        bytes -= bytesOf(place);
        count--;
      }
    }
  }
}

function taking(der: Buffer, { issuer, list: held }: Place): Result<RevocationList, Refusal> {
  // Parsing a large list takes long, and most fetches bring what is there.
  if (held?.der.equals(der) === true) return ok(held);
  const parsed = parseRevocationList(der);
  if (!parsed.ok) return parsed;
  const refusal = revocationListRefusal(parsed.value, issuer);
  if (refusal !== undefined) return err(refusal);
  // The way is not protected: who sits on it could bring back a list from before a revocation.
  if (held !== undefined && parsed.value.thisUpdateMs < held.thisUpdateMs) return err('list-older');
  return parsed;
}

function bytesOf({ list }: Place): number {
  return list === undefined ? 0 : list.der.length + list.entries.indexBytes;
}
