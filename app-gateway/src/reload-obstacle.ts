import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import { checkChannelCertificate } from './config/check-channel-certificate.ts';
import type { Site } from './config/site.ts';
import { formatSiteProblem } from './config/site-problem.ts';

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
