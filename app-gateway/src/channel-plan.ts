import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import type { ChannelPlan } from './adapters/channel/channel-ends.ts';
import type { GatewayNode, Site } from './config/site.ts';

/** Which channels a gateway dials, one to each proxy worker, or where it awaits them. */
export function channelPlan(
  site: Site,
  node: GatewayNode,
  credentials: ChannelCredentials,
): ChannelPlan {
  if (site.channel.dial === 'outside-in') return { dials: [], listen: node.channel, credentials };
  const dials = site.proxies.flatMap(({ node: proxy, workers, channel }) =>
    channel === undefined
      ? []
      : Array.from({ length: workers }, (_, worker) => ({
          proxy,
          worker,
          host: channel.host,
          port: channel.port + worker,
        })),
  );
  return { dials, listen: undefined, credentials };
}
