import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { entryView } from '../../ledger/render/entry-view.ts';
import type { LedgerEntry, LedgerFailure, LedgerStore } from '../../ports/ledger-store.ts';
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
/** Read at once: to ask a database costs as much as some hundred records. */
const READ = 500;

/** Places [from, to), and the records of them that are still there. */
interface ReadAhead {
  readonly from: number;
  readonly to: number;
  readonly entries: readonly LedgerEntry[];
}

const NOTHING_READ: ReadAhead = { from: 0, to: 0, entries: [] };

/** The ledger as a feed reads it: from a place on, as messages of its destination. */
export class FeedPages {
  readonly #options: FeedPagesOptions;
  readonly #types: ReadonlySet<string> | undefined;
  #size = 0;
  #ahead = NOTHING_READ;

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
    const read = await this.#readFrom(from);
    if (!read.ok) return read;
    const until = Math.min(from + BATCH, read.value.to);
    if (until === from) return ok(undefined);
    const entries = read.value.entries.filter(({ index }) => index >= from && index < until);
    const next = entries.length === 0 ? Math.max(until, await this.#endOfDroppedDay(from)) : until;
    const { format, programVersion } = this.#options;
    const messages = entries
      .map(entryView)
      .filter(({ type }) => this.#types?.has(type) ?? true)
      .map((view) => siemMessage(view, format, programVersion));
    const missing = next - from - entries.length;
    return ok({ octets: octetCounted(messages), next, missing });
  }

  /** What was read and goes on with this place, or what there is from it on. */
  async #readFrom(from: number): Promise<Result<ReadAhead, ReadFault>> {
    const ahead = this.#ahead;
    if (from >= ahead.from && from < ahead.to) return ok(ahead);
    const count = await this.count(from);
    if (!count.ok) return count;
    const to = from + Math.min(count.value, READ);
    const entries = to === from ? ok([]) : await this.#options.ledger.entries(from, to);
    if (!entries.ok) return err(entries.error.code);
    this.#ahead = { from, to, entries: entries.value };
    return ok(this.#ahead);
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
