import type { Origin } from '../signalling.ts';
import type { Partner, SiteView } from '../site-view.ts';
import type { TransactionShare } from './transaction-share.ts';

/** How many requests a partner may still begin through one proxy's host: one object for all its connections there. */
export interface Allowance {
  left: number;
  /** ACKs that may come beside them. */
  acks: number;
}

interface Row extends Allowance {
  readonly partner: string;
  perSecond: number;
  max: number;
}

/** As often as a partner's rate allows at its proxy. */
const TIMES_RATE = 2;
/** Longer than a channel may stand still before it ends: what waited then comes all at once. */
const SAVED_SECONDS = 60;
/** One ends it, and a 2xx that came again has another: as many as the edge lets in beyond the rate. */
const ACKS_OF_INVITE = 2;
/** More than that is not saved up: what the edge's workers save up, eight of them. */
const ACKS_MAX = 16_384;
const REFILL_MS = 1000;

/**
 * What comes in a partner's name through one proxy's host, held to twice the partner's rate.
 *
 * The rate itself is kept at the edge, where it is a share of each proxy's host; a host that is whole never brings more of
 * a partner that keeps to it. One that is owned by somebody could: with valid requests, as fast as it likes. Requests in
 * flight are not counted again: the edge forgets those of a lost connection, and the transaction goes on.
 */
export class AgreedRates {
  readonly #rows = new Map<TransactionShare, Map<string, Row>>();
  #refilledAtMs: number;

  constructor(nowMs: number) {
    this.#refilledAtMs = nowMs;
  }

  /**
   * Counts a request that would begin, or an ACK that goes on, without which a call hangs; false where it is one too many. Whoever is
   * no partner is refused for that.
   */
  takes(origin: Origin, site: SiteView, method: string): boolean {
    origin.allowance ??= this.#rowOf(origin, site.partnerById.get(origin.peer));
    const { allowance } = origin;
    if (allowance === undefined) return true;
    if (method === 'ACK' && allowance.acks > 0) {
      allowance.acks--;
      return true;
    }
    if (allowance.left < 1) return false;
    allowance.left--;
    if (method === 'INVITE') allowance.acks = Math.min(ACKS_MAX, allowance.acks + ACKS_OF_INVITE);
    return true;
  }

  /** What has been used up stays used. */
  agreed({ partnerById }: SiteView): void {
    for (const row of this.#all()) {
      const partner = partnerById.get(row.partner);
      if (partner === undefined) continue;
      Object.assign(row, limitsOf(partner));
      row.left = Math.min(row.left, row.max);
    }
  }

  /** At every tick; fills up about once a second. */
  advance(nowMs: number): void {
    const elapsedMs = nowMs - this.#refilledAtMs;
    if (elapsedMs < REFILL_MS) return;
    this.#refilledAtMs = nowMs;
    for (const row of this.#all()) {
      row.left = Math.min(row.max, row.left + (row.perSecond * elapsedMs) / 1000);
    }
  }

  /** Of partners that there are, so that nobody makes rows up; they stay, as a connection may that knows its own. */
  #rowOf({ share }: Origin, partner: Partner | undefined): Row | undefined {
    if (partner === undefined) return undefined;
    const rows = this.#rows.get(share) ?? new Map<string, Row>();
    this.#rows.set(share, rows);
    const limits = limitsOf(partner);
    const row = rows.get(partner.id) ?? {
      partner: partner.id,
      left: limits.max,
      acks: 0,
      ...limits,
    };
    rows.set(partner.id, row);
    return row;
  }

  *#all(): Generator<Row> {
    for (const rows of this.#rows.values()) yield* rows.values();
  }
}

function limitsOf({ messagesPerSecond, messagesBurst }: Partner): Pick<Row, 'perSecond' | 'max'> {
  return {
    perSecond: TIMES_RATE * messagesPerSecond,
    max: messagesBurst + SAVED_SECONDS * messagesPerSecond,
  };
}
