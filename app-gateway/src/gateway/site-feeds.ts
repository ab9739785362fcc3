import { systemClock as clock } from '@sallyport/shared/io/clock.ts';
import { SiemFeeds } from '../adapters/syslog/siem-feeds.ts';
import type { SiteLedgerOptions } from './site-ledger.ts';

/** Whoever outside gets the ledger; each gateway feeds those that no other one has. */
export function feedsOf(options: SiteLedgerOptions): SiemFeeds {
  const { bundle, site, store, feedCursors, programVersion, log } = options;
  return new SiemFeeds({
    node: bundle.node,
    ledger: store,
    cursors: feedCursors,
    programVersion,
    retentionDays: () => site().audit.retentionDays,
    clock,
    random: Math.random,
    heard: ({ event, destination, reason }) => {
      if (event === 'siem-delivers') log.info(event, { destination });
      else log.warn(event, { destination, reason });
    },
  });
}
