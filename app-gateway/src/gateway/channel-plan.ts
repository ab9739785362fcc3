import { type Hello, PROTOCOL_VERSIONS } from '@sallyport/shared/channel/hello.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import type { ChannelPlan } from '../adapters/channel/channel-ends.ts';
import type { GatewayNode, Site } from '../config/site.ts';

const CREDIT_BYTES = 16_777_216;
const FLOW_CREDIT_BYTES = 2_097_152;

/** Which channels a gateway should have: every worker that it dials, or the place where proxies dial it. */
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

/** What a gateway says of itself on each channel. */
export function gatewayHello(site: Site, node: GatewayNode): Hello {
  return {
    protocolVersions: PROTOCOL_VERSIONS,
    role: 'gateway',
    site: site.name,
    node: node.node,
    worker: 0,
    workers: 1,
    creditBytes: CREDIT_BYTES,
    flowCreditBytes: FLOW_CREDIT_BYTES,
  };
}
