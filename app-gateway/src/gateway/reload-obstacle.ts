import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { checkChannelCertificate } from '../config/check-channel-certificate.ts';
import type { Site } from '../config/site.ts';
import { formatSiteProblem } from '../config/site-problem.ts';
import { settingsAtRestart } from '../config/taking-over.ts';

/** What no reload can take over, if there is such a thing in the new site or the new channel files. */
export function obstacleToReload(
  site: Site,
  next: Site,
  node: string,
  channel: ChannelCredentials,
  nextChannel: ChannelCredentials,
): string | undefined {
  if (next.name !== site.name) return 'the name of a site is in all its certificates';
  if (next.audit.enabled !== site.audit.enabled) return '"audit: enabled" is read at the start';
  if (JSON.stringify(nextChannel) === JSON.stringify(channel)) return undefined;
  const identity = { site: next.name, role: 'gateway', node } as const;
  return checkChannelCertificate(nextChannel, identity, Date.now())
    .filter(({ severity }) => severity === 'error')
    .map(formatSiteProblem)[0];
}

/** Says what of a site that was taken over is not in force yet, against the one that the program was started with. */
export function tellWaiting(started: Site, site: Site, log: Logger): void {
  const waiting = settingsAtRestart(started, site);
  if (waiting.length > 0) log.warn('restart-needed', { settings: waiting.join(', ') });
}
