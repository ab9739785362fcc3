import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import type { ChannelAuthorities } from '../domain/exchange/forecast/forecast-held.ts';

/** The authorities of the channels that a gateway's bundle brought at the start. */
export function channelAuthorities({
  channel,
  channelIssuing,
}: Pick<GatewayBundle, 'channel' | 'channelIssuing'>): ChannelAuthorities {
  return { rootPem: channel.caPem, issuingPem: channelIssuing?.certificatePem };
}
