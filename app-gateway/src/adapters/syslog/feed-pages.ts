import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { entryView } from '../../ledger/render/entry-view.ts';
import type { LedgerFailure, LedgerStore } from '../../ports/ledger-store.ts';
import { octetCounted } from './octet-counting.ts';
import { type SiemFormat, siemMessage } from './siem-message.ts';

/** What is read, and in which words it is told. */
export interface FeedPagesOptions {
  readonly ledger: Pick<LedgerStore, 'head' | 'entries' | 'days'>;
  readonly format: SiemFormat;
  /** Undefined: all. */
  readonly types?: readonly AuditTypeName[] | undefined;
  readonly programVersion: string;
}

/** Some records in a row, as they travel. */
export interface FeedBatch {
  readonly octets: Buffer;
  /** Place behind the last of them. */
  readonly next: number;
  /** How many before it are gone for ever. */
  readonly missing: number;
}

/** Why nothing was read; `shorter`: the ledger ends before the place that was asked for. */
type ReadFault = LedgerFailure['code'] | 'shorter';

/** As many as can be written down without keeping anybody waiting. */
const BATCH = 100;

/** The ledger as a feed reads it: from a place on, as messages of its destination. */
export class FeedPages {
  readonly #options: FeedPagesOptions;
  readonly #types: ReadonlySet<string> | undefined;
  #size = 0;

  constructor(options: FeedPagesOptions) {
    this.#options = options;
    this.#types = options.types && new Set(options.types);
  }

  /** Places of the ledger, when it was last asked. */
  get size(): number {
    return this.#size;
  }

  /** How many places there are from `from` on. */
  async count(from: number): Promise<Result<number, ReadFault>> {
    const head = await this.#options.ledger.head();
    if (!head.ok) return err(head.error.code);
    this.#size = head.value.size;
    return head.value.size < from ? err('shorter') : ok(head.value.size - from);
  }

  /** The next records; undefined: there are none yet. */
  async batch(from: number): Promise<Result<FeedBatch | undefined, ReadFault>> {
    const count = await this.count(from);
    if (!count.ok) return count;
    if (count.value === 0) return ok(undefined);
    const { ledger, format, programVersion } = this.#options;
    const until = from + Math.min(count.value, BATCH);
    const entries = await ledger.entries(from, until);
    if (!entries.ok) return err(entries.error.code);
    const isGone = entries.value.length === 0;
    const next = isGone ? Math.max(until, await this.#endOfDroppedDay(from)) : until;
    const messages = entries.value
      .map(entryView)
      .filter(({ type }) => this.#types?.has(type) ?? true)
      .map((view) => siemMessage(view, format, programVersion));
    const missing = next - from - entries.value.length;
    return ok({ octets: octetCounted(messages), next, missing });
  }

  /** Where the records begin again that are still there, as far as one dropped day goes. */
  async #endOfDroppedDay(from: number): Promise<number> {
    const days = await this.#options.ledger.days();
    const ends = (days.ok ? days.value : [])
      .filter(({ droppedAtMs }) => droppedAtMs !== undefined)
      .filter(({ firstIndex, endIndex }) => firstIndex <= from && from < endIndex)
      .map(({ endIndex }) => endIndex);
    return Math.max(0, ...ends);
  }
}
