import { type ChannelPeer, isRevokedPeer } from '@sallyport/shared/io/channel-tls.ts';
import type { Site } from '../config/site.ts';

/** A channel to a proxy worker, as far as it is known whose it is. */
export interface ArrivedChannel {
  /** The node that its certificate proves. */
  readonly node: string;
  /** As its hello says. */
  readonly worker: number;
  readonly connection: { readonly certified: Pick<ChannelPeer, 'node' | 'serials'> };
}

/** Why a proxy is not served, if so: a certificate outlives the entry of its proxy, and its loss. */
export function whyTurnedAway(
  { node, worker, connection }: ArrivedChannel,
  { proxies, revokedNodes }: Pick<Site, 'proxies' | 'revokedNodes'>,
): 'node-revoked' | 'proxy-unknown' | 'worker-unknown' | undefined {
  if (isRevokedPeer(connection.certified, revokedNodes)) return 'node-revoked';
  const proxy = proxies.find((each) => each.node === node);
  if (proxy === undefined) return 'proxy-unknown';
  // Each worker has limits of its own: whoever owns the host must not make up more of them.
  return worker < proxy.workers ? undefined : 'worker-unknown';
}
