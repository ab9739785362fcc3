import type { Clock } from '@sallyport/shared/io/clock.ts';
import { BoundedMap } from '@sallyport/shared/net/bounded-map.ts';

export interface RecordBudgetOptions {
  /** What one proxy, all its workers together, may bring for good. */
  readonly bytesPerSecond: () => number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** A proxy brings more; at most once a minute each. */
  readonly exceeded: (node: string) => void;
}

/** A proxy that was below its rate may bring so much time's worth at once, such as its spool after an outage. */
const BURST_MS = 10_000;
/** No pause is longer, or the channel would be taken for dead. */
const PAUSE_MS_MAX = 3000;
const NEWS_MS = 60_000;
/** Each is a node of the site, so this is far above what there can be. */
const NODES_MAX = 1000;

interface Account {
  /** Up to when what it brought is paid for. */
  paidMs: number;
  saidMs: number;
}

/**
 * How fast the records of a proxy may come: whoever owns its host can make up as many as it likes, and each stays for
 * the whole retention.
 *
 * What was brought is always kept; what is over the rate is only waited for, and a new channel changes nothing about it.
 */
export class RecordBudget {
  readonly #options: RecordBudgetOptions;
  readonly #accounts = new BoundedMap<string, Account>(NODES_MAX);

  constructor(options: RecordBudgetOptions) {
    this.#options = options;
  }

  /** Books what a proxy has brought; so long nothing more is to be read from it. */
  spend(node: string, bytes: number): number {
    const { bytesPerSecond, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const account = this.#accountOf(node, nowMs);
    account.paidMs = Math.max(account.paidMs, nowMs - BURST_MS) + (bytes * 1000) / bytesPerSecond();
    if (account.paidMs <= nowMs) return 0;
    this.tell(node);
    return Math.min(account.paidMs - nowMs, PAUSE_MS_MAX);
  }

  /** Says that a proxy is waited with, for whatever it brought too much of. */
  tell(node: string): void {
    const { clock, exceeded } = this.#options;
    const nowMs = clock.monotonicMs();
    const account = this.#accountOf(node, nowMs);
    if (nowMs - account.saidMs < NEWS_MS) return;
    account.saidMs = nowMs;
    exceeded(node);
  }

  #accountOf(node: string, nowMs: number): Account {
    const fresh = () => ({ paidMs: nowMs - BURST_MS, saidMs: Number.NEGATIVE_INFINITY });
    return this.#accounts.of(node, fresh);
  }
}
