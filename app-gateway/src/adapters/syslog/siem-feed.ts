import { retryDelayMs } from '@sallyport/shared/channel/back-off.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import type { FeedCursors } from '../../ports/feed-cursors.ts';
import type { LedgerFailure } from '../../ports/ledger-store.ts';
import { type FeedBatch, FeedPages, type FeedPagesOptions } from './feed-pages.ts';
import type { SyslogFailure, SyslogSender } from './syslog-sender.ts';

/** Something that an operator should hear of; the same again is not repeated. */
export interface FeedNews {
  readonly event:
    | 'siem-delivers'
    | 'siem-unreachable'
    | 'siem-interrupted'
    | 'siem-unconfirmed'
    | 'siem-records-ending'
    | 'siem-records-dropped'
    | 'siem-ledger-unavailable'
    | 'siem-cursor-fault';
  readonly destination: string;
  readonly reason: string;
}

/** What a feed needs of a connection. */
export type SyslogConnection = Pick<SyslogSender, 'write' | 'finish' | 'abort'>;

/** One destination and what its feed works with. */
export interface SiemFeedOptions extends FeedPagesOptions {
  readonly name: string;
  /** Ourselves. Of several gateways one feeds a destination. */
  readonly node: string;
  readonly cursors: FeedCursors;
  readonly open: () => Promise<Result<SyslogConnection, SyslogFailure>>;
  /** How long a connection sends before it is asked, by its closing, whether all has arrived. */
  readonly windowMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly heard: (news: FeedNews) => void;
}

/** Where a feed stands. */
export interface FeedStatus {
  /** Next place of the ledger to be sent. */
  readonly next: number;
  /** All before this place was read by the server to the end of a connection. */
  readonly confirmed: number;
  /** Records that were not; 0 as long as another gateway feeds. */
  readonly waiting: number;
  /** Why it does not go on at the moment. */
  readonly fault: string | undefined;
}

export const WINDOW_MS = 10_000;
/** After a failure: little is sent before it is known to have arrived, so that an unsteady server still gets on. */
const FIRST_WINDOW_SHARE = 0.1;
const POLL_MS = 500;
/** Much less than a claim lasts, whatever a connection can make us wait. */
const CLAIM_MS = 20_000;
/** So often we look whether the one that feeds is still there. */
const OTHERS_MS = 5000;
const STOP_MS = 3000;
/** A SIEM is no partner: a second to begin with, then up to seventeen. */
const RETRY_FACTOR = 10;
/** A server that never answers a closing would get the same records for ever. */
const UNANSWERED_MAX = 3;

/**
 * Sends the ledger to one SIEM, in order, each record at least once.
 *
 * Records are not copied into a queue: the ledger is the queue, and what is kept is a place in it. Syslog has no
 * acknowledgement, so the connection is closed some seconds after it was opened, and what was sent counts when the
 * server has answered the closing and then takes a new connection: one that ends at the very moment of our closing
 * closes as if it had read everything, but is not there afterwards. When something breaks, the feed goes back to where
 * the last window that counted *began*, because with several servers behind one address that is not certain either.
 */
export class SiemFeed {
  readonly #options: SiemFeedOptions;
  readonly #pages: FeedPages;
  #next = 0;
  #confirmed = 0;
  #resumeAt = 0;
  #windowMs: number;
  #attempt = 0;
  #unanswered = 0;
  #fault: string | undefined;
  #isStopped = true;
  /** When we claimed the destination last; undefined: it is not ours. */
  #claimedAtMs: number | undefined;
  #connection: SyslogConnection | undefined;
  #endPause = (): void => undefined;
  #run: Promise<void> = Promise.resolve();

  constructor(options: SiemFeedOptions) {
    this.#options = options;
    this.#pages = new FeedPages(options);
    this.#windowMs = options.windowMs;
  }

  get status(): FeedStatus {
    const isOurs = this.#claimedAtMs !== undefined;
    const waiting = isOurs ? Math.max(0, this.#pages.size - this.#confirmed) : 0;
    return { next: this.#next, confirmed: this.#confirmed, waiting, fault: this.#fault };
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#run = this.#feed();
  }

  /** Ends in good order, or after three seconds in any; another gateway can go on at once. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endPause();
    const { clock, cursors, name, node } = this.#options;
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = clock.after(STOP_MS, () => {
        this.#connection?.abort();
        resolve();
      });
    });
    await Promise.race([this.#run, late]);
    timer?.stop();
    if (this.#claimedAtMs !== undefined) await cursors.release(name, node);
  }

  async #feed(): Promise<void> {
    while (!this.#isStopped) {
      if (!(await this.#isOurs())) await this.#pause(OTHERS_MS);
      else if (await this.#hasNews()) await this.#window();
      else await this.#pause(POLL_MS);
    }
  }

  /** Whether we feed this destination; whoever takes it over goes on where the cursor is. */
  async #isOurs(): Promise<boolean> {
    const { clock, cursors, name, node } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#claimedAtMs !== undefined && nowMs - this.#claimedAtMs < CLAIM_MS) return true;
    const claimed = await cursors.claim(name, node);
    if (!claimed.ok) this.#tell('siem-cursor-fault', claimed.error);
    const isNew = this.#claimedAtMs === undefined;
    this.#claimedAtMs = claimed.ok && claimed.value !== undefined ? nowMs : undefined;
    if (!claimed.ok || claimed.value === undefined) return false;
    if (isNew) {
      this.#next = claimed.value.next;
      this.#confirmed = this.#next;
      this.#resumeAt = this.#next;
    }
    return true;
  }

  /** One connection, from its opening to the answer to its closing. */
  async #window(): Promise<void> {
    const from = this.#next;
    const opened = await this.#options.open();
    if (!opened.ok) return await this.#failed('siem-unreachable', opened.error);
    this.#connection = opened.value;
    const sent = await this.#sendWindow(opened.value);
    if (!sent.ok) {
      opened.value.abort();
      return await this.#failed('siem-interrupted', sent.error);
    }
    const finished = await opened.value.finish();
    if (!finished.ok && !this.#isGivenUp(finished.error)) {
      return await this.#failed('siem-interrupted', finished.error);
    }
    // Nobody waits for a proof while the program ends: what was sent now is sent again after its start.
    if (this.#isStopped) return;
    const later = await this.#options.open();
    if (!later.ok) return await this.#failed('siem-interrupted', later.error);
    this.#connection = later.value;
    await later.value.finish();
    await this.#count(from, finished.ok);
  }

  async #sendWindow(connection: SyslogConnection): Promise<Result<undefined, SyslogFailure>> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + this.#windowMs;
    while (!this.#isStopped && clock.monotonicMs() < endMs && (await this.#isOurs())) {
      const startedAtMs = clock.monotonicMs();
      const batch = await this.#readBatch();
      if (batch === undefined) {
        await this.#pause(POLL_MS);
        continue;
      }
      const writing = batch.octets.length > 0 ? connection.write(batch.octets) : undefined;
      // Whoever has a week to catch up with must not take the program's time from calls: half of it at most.
      const tookMs = clock.monotonicMs() - startedAtMs;
      const written = await writing;
      if (written?.ok === false) return written;
      this.#next = batch.next;
      if (tookMs > 0) await this.#pause(tookMs);
    }
    return ok(undefined);
  }

  /** The next records as they travel; undefined: there are none, or the ledger does not answer. */
  async #readBatch(): Promise<FeedBatch | undefined> {
    const batch = await this.#pages.batch(this.#next);
    if (!batch.ok) return this.#ledgerFailed(batch.error);
    const { missing = 0, next = 0 } = batch.value ?? {};
    if (missing > 0) this.#tell('siem-records-dropped', `${missing} before place ${next}`);
    return batch.value;
  }

  async #hasNews(): Promise<boolean> {
    const count = await this.#pages.count(this.#next);
    if (!count.ok) this.#ledgerFailed(count.error);
    return count.ok && count.value > 0;
  }

  #ledgerFailed(failure: LedgerFailure['code'] | 'shorter'): undefined {
    if (failure !== 'shorter') this.#tell('siem-ledger-unavailable', failure);
    // An old copy of the ledger, or another one: nobody knows what these places are.
    else this.#tell('siem-cursor-fault', 'the ledger is shorter than what was sent of it');
  }

  async #count(from: number, isAnswered: boolean): Promise<void> {
    this.#attempt = 0;
    if (isAnswered) this.#unanswered = 0;
    this.#windowMs = this.#options.windowMs;
    this.#confirmed = this.#next;
    this.#resumeAt = from;
    const { cursors, name, node } = this.#options;
    const saved = await cursors.save(name, node, from);
    if (!saved.ok) this.#tell('siem-cursor-fault', saved.error);
    else if (!saved.value) this.#claimedAtMs = undefined;
    else if (isAnswered && this.#fault !== undefined) this.#tell('siem-delivers', '');
  }

  /** Whether a closing stays unanswered so often that waiting for the answer makes no sense; it is said. */
  #isGivenUp({ code }: SyslogFailure): boolean {
    if (code !== 'close-unanswered') return false;
    this.#unanswered++;
    if (this.#unanswered < UNANSWERED_MAX) return false;
    this.#tell('siem-unconfirmed', 'the server never answers a closing; what it took is not known');
    return true;
  }

  async #failed(event: FeedNews['event'], { code, reason }: SyslogFailure): Promise<void> {
    this.#tell(event, `${code}: ${reason}`);
    this.#attempt++;
    this.#windowMs = this.#options.windowMs * FIRST_WINDOW_SHARE;
    this.#next = this.#resumeAt;
    await this.#pause(retryDelayMs(this.#attempt, this.#options.random()) * RETRY_FACTOR);
  }

  #tell(event: FeedNews['event'], reason: string): void {
    const fault = event === 'siem-delivers' ? undefined : `${event} ${reason}`.trimEnd();
    if (fault === this.#fault) return;
    this.#fault = fault;
    this.#options.heard({ event, destination: this.#options.name, reason });
  }

  /** Ends early when the feed is stopped. */
  async #pause(delayMs: number): Promise<void> {
    if (this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(delayMs, resolve);
      this.#endPause = () => {
        timer.stop();
        resolve();
      };
    });
  }
}
