import { isDeepStrictEqual } from 'node:util';
import type { SiteSiem } from '../../config/site.ts';
import { type FeedStatus, SiemFeed, type SiemFeedOptions, WINDOW_MS } from './siem-feed.ts';
import { openSyslog } from './syslog-sender.ts';

/** What all feeds of a gateway share. */
export type SiemFeedsOptions = Pick<
  SiemFeedOptions,
  'node' | 'ledger' | 'cursors' | 'programVersion' | 'clock' | 'random' | 'heard'
>;

/** The feeds of a gateway, one for each destination of the site. */
export class SiemFeeds {
  readonly #options: SiemFeedsOptions;
  readonly #feeds = new Map<string, { destination: SiteSiem; feed: SiemFeed }>();

  #replaced: Promise<void> = Promise.resolve();

  constructor(options: SiemFeedsOptions) {
    this.#options = options;
  }

  /** Where each feed stands, by the name of its destination. */
  get statuses(): ReadonlyMap<string, FeedStatus> {
    return new Map([...this.#feeds].map(([name, { feed }]) => [name, feed.status]));
  }

  /** Numbers for monitors: how many destinations this gateway has, and how many of them get nothing at the moment. */
  gauges(): Readonly<Record<string, number>> {
    const statuses = [...this.statuses.values()];
    return {
      siem_destinations: statuses.length,
      siem_failing: statuses.filter(({ fault }) => fault !== undefined).length,
    };
  }

  /** Takes over the destinations of a site: who is new is begun with, who has changed or is gone is ended first. */
  replace(destinations: readonly SiteSiem[]): Promise<void> {
    // One after the other: two at once would begin with the same destination twice.
    this.#replaced = this.#replaced.then(() => this.#replace(destinations));
    return this.#replaced;
  }

  /** Ends all in good order. */
  stop(): Promise<void> {
    return this.replace([]);
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
    for (const [name] of ending) this.#feeds.delete(name);
  }
}
