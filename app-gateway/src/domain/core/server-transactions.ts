import { type HashSeed, TextTable } from '@sallyport/shared/net/text-table.ts';
import type { Origin } from '../signalling.ts';
import type { ProxiedRequest } from './proxied-request.ts';
import { HeldTransactions, type TransactionShare } from './transaction-share.ts';
import type { UpstreamHead } from './upstream-head.ts';

/** Server transactions that live now, by their key, and who holds how many of them. */
export class ServerTransactions extends TextTable<ProxiedRequest> {
  readonly #held: HeldTransactions;

  constructor(seed: HashSeed, max: TransactionShare) {
    super(seed);
    this.#held = new HeldTransactions(max);
  }

  /** Whether whoever holds `share` may begin one more. */
  mayBegin(share: TransactionShare): boolean {
    return this.#held.mayBegin(share);
  }

  /** Its answer goes another way from now on, and what it holds counts there. */
  moved(request: ProxiedRequest, origin: Origin, exchange: number, head: UpstreamHead): void {
    this.#held.ended(request);
    Object.assign(request, { origin, exchange, head });
    this.#held.begun(request);
  }

  override set(request: ProxiedRequest): void {
    super.set(request);
    this.#held.begun(request);
  }

  override delete(request: ProxiedRequest): boolean {
    const wasThere = super.delete(request);
    if (wasThere) this.#held.ended(request);
    return wasThere;
  }
}
