import { isDeepStrictEqual } from 'node:util';
import type { Timer } from '@sallyport/shared/io/clock.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import type { SiteSiem } from '../../config/site.ts';
import { type FeedStatus, SiemFeed, type SiemFeedOptions, WINDOW_MS } from './siem-feed.ts';
import { openSyslog } from './syslog-sender.ts';
import { isEnding, unsentDay } from './unsent-day.ts';

/** What all feeds of a gateway share. */
export interface SiemFeedsOptions
  extends Pick<
    SiemFeedOptions,
    'node' | 'ledger' | 'cursors' | 'programVersion' | 'clock' | 'random' | 'heard'
  > {
  /** Whole days that records are kept. */
  readonly retentionDays: () => number;
}

const LOOK_MS = 600_000;

/** The feeds of a gateway, one for each destination of the site. */
export class SiemFeeds {
  readonly #options: SiemFeedsOptions;
  readonly #feeds = new Map<string, { destination: SiteSiem; feed: SiemFeed }>();
  readonly #timer: Timer;
  /** Until retention takes something that a destination has not got; of all destinations the least. */
  #daysLeft: number | undefined;
  /** Destinations of which somebody should hear that. */
  #ending = 0;
  /** Day on which that was last said of a destination. */
  readonly #saidOn = new Map<string, string>();

  #replaced: Promise<void> = Promise.resolve();

  constructor(options: SiemFeedsOptions) {
    this.#options = options;
    this.#timer = options.clock.every(LOOK_MS, () => void this.#look());
  }

  /** Where each feed stands, by the name of its destination. */
  get statuses(): ReadonlyMap<string, FeedStatus> {
    return new Map([...this.#feeds].map(([name, { feed }]) => [name, feed.status]));
  }

  /**
   * Numbers for monitors: how many destinations this gateway has, how many of them get nothing at the moment, and how many records
   * wait for the one that is furthest behind; where any wait for long, the days until retention takes the first of them, and for
   * how many destinations these are few.
   */
  gauges(): Readonly<Record<string, number>> {
    const statuses = [...this.statuses.values()];
    return {
      siem_destinations: statuses.length,
      siem_failing: statuses.filter(({ fault }) => fault !== undefined).length,
      siem_waiting_records: Math.max(0, ...statuses.map(({ waiting }) => waiting)),
      ...(this.#daysLeft !== undefined && {
        siem_days_left: this.#daysLeft,
        siem_ending: this.#ending,
      }),
    };
  }

  /** Takes over the destinations of a site: who is new is begun with, who has changed or is gone is ended first. */
  replace(destinations: readonly SiteSiem[]): Promise<void> {
    // One after the other: two at once would begin with the same destination twice.
    this.#replaced = this.#replaced.then(() => this.#replace(destinations));
    return this.#replaced;
  }

  /** The ledger is another one than was sent: every destination goes on from its place in the database that there is now. */
  beginAnew(): Promise<void> {
    this.#replaced = this.#replaced.then(async () => {
      const destinations = [...this.#feeds.values()].map(({ destination }) => destination);
      await this.#replace([]);
      await this.#replace(destinations);
    });
    return this.#replaced;
  }

  /** Ends all in good order. */
  stop(): Promise<void> {
    this.#timer.stop();
    return this.replace([]);
  }

  /** Once a day for each destination: what retention is about to take before it was sent. */
  async #look(): Promise<void> {
    const { ledger, clock, retentionDays, heard } = this.#options;
    const days = await ledger.days();
    if (!days.ok) return;
    const nowMs = clock.wallMs();
    const today = dayText(nowMs);
    const left: number[] = [];
    let ending = 0;
    for (const [destination, { confirmed, waiting }] of this.statuses) {
      if (waiting === 0) continue;
      const unsent = unsentDay(days.value, confirmed, retentionDays(), nowMs);
      if (unsent === undefined) continue;
      left.push(unsent.daysLeft);
      if (!isEnding(unsent, retentionDays())) continue;
      ending++;
      if (this.#saidOn.get(destination) === today) continue;
      this.#saidOn.set(destination, today);
      const reason = `retention takes records of ${unsent.day}, which it has not got, in ${unsent.daysLeft} days`;
      heard({ event: 'siem-records-ending', destination, reason });
    }
    this.#ending = ending;
    this.#daysLeft = left.length === 0 ? undefined : Math.min(...left);
  }

  async #replace(destinations: readonly SiteSiem[]): Promise<void> {
    const kept = new Set(
      destinations
        .filter((wanted) => isDeepStrictEqual(this.#feeds.get(wanted.name)?.destination, wanted))
        .map(({ name }) => name),
    );
    await this.#end((name) => !kept.has(name));
    for (const destination of destinations) {
      if (!kept.has(destination.name)) this.#begin(destination);
    }
  }

  #begin(destination: SiteSiem): void {
    const { name, format, types } = destination;
    const feed = new SiemFeed({
      ...this.#options,
      name,
      format,
      types,
      windowMs: WINDOW_MS,
      open: () => openSyslog(destination, this.#options.clock),
    });
    this.#feeds.set(name, { destination, feed });
    feed.start();
  }

  async #end(isEnding: (name: string) => boolean): Promise<void> {
    const ending = [...this.#feeds].filter(([name]) => isEnding(name));
    await Promise.all(ending.map(([, { feed }]) => feed.stop()));
    for (const [name] of ending) {
      this.#feeds.delete(name);
      this.#saidOn.delete(name);
    }
  }
}
