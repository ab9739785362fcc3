import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import type { Note } from './own-stream.ts';

/** So many refusals of one kind from one source have a record each, in one minute. */
export const RECORDED_A_MINUTE = 1200;
const MINUTE_MS = 60_000;
/** Kinds of one source in one minute: who made up more of them has the rest counted together. */
const KINDS_MAX = 64;
const OTHER_KINDS = 'other kinds';

interface Count {
  refused: number;
  firstMs: number;
  lastMs: number;
}

/**
 * What of a flood of refusals gets records of its own, and how many more there were.
 *
 * Whoever owns a proxy, or a server inside, has as much refused as he likes, and each record stays for the whole retention. The first ones of
 * each kind from each source are on record in every minute; the others are counted, and a `gap` record at its end says how
 * many of which kind, and from whom.
 */
export class RefusalCounts {
  readonly #note: Note;
  readonly #clock: Pick<Clock, 'wallMs' | 'after'>;
  /** By source and kind, in the minute that runs; sources are hosts and communities of the site. */
  readonly #counts = new Map<string, Map<string, Count>>();
  #minute: Timer | undefined;

  constructor(note: Note, clock: Pick<Clock, 'wallMs' | 'after'>) {
    this.#note = note;
    this.#clock = clock;
  }

  /** Counts one; whether it is to have a record of its own. */
  takes(source: string, kind: string): boolean {
    this.#minute ??= this.#clock.after(MINUTE_MS, () => this.tell());
    const count = this.#countOf(source, kind);
    count.refused += 1;
    if (count.refused <= RECORDED_A_MINUTE) return true;
    count.lastMs = this.#clock.wallMs();
    if (count.firstMs === 0) count.firstMs = count.lastMs;
    return false;
  }

  /** Puts on record what was counted, and begins anew. */
  tell(): void {
    this.#minute?.stop();
    this.#minute = undefined;
    for (const [source, kinds] of this.#counts) {
      for (const [kind, { refused, firstMs, lastMs }] of kinds) {
        if (refused <= RECORDED_A_MINUTE) continue;
        void this.#note('gap', {
          lostRecords: refused - RECORDED_A_MINUTE,
          lostFromMs: BigInt(firstMs),
          lostUntilMs: BigInt(Math.max(firstMs, lastMs)),
          code: 'refusals-counted',
          note: `${kind}, from ${source}`,
        });
      }
    }
    this.#counts.clear();
  }

  #countOf(source: string, kind: string): Count {
    let kinds = this.#counts.get(source);
    if (kinds === undefined) {
      kinds = new Map();
      this.#counts.set(source, kinds);
    }
    const name = kinds.has(kind) || kinds.size < KINDS_MAX ? kind : OTHER_KINDS;
    let count = kinds.get(name);
    if (count === undefined) {
      count = { refused: 0, firstMs: 0, lastMs: 0 };
      kinds.set(name, count);
    }
    return count;
  }
}
