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

  constructor(options: SiemFeedsOptions) {
    this.#options = options;
  }

  /** Where each feed stands, by the name of its destination. */
  get statuses(): ReadonlyMap<string, FeedStatus> {
    return new Map([...this.#feeds].map(([name, { feed }]) => [name, feed.status]));
  }

  /** Takes over the destinations of a site: who is new is begun with, who has changed or is gone is ended first. */
  async replace(destinations: readonly SiteSiem[]): Promise<void> {
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

  /** Ends all in good order. */
  async stop(): Promise<void> {
    await this.#end(() => true);
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
