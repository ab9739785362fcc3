import {
  CREDIT_BYTES_MIN,
  type Hello,
  PROTOCOL_VERSIONS,
} from '@sallyport/shared/channel/hello.ts';
import {
  type ChannelConnection,
  DEFAULT_CHANNEL_LIMITS,
} from '@sallyport/shared/io/channel-connection.ts';
import { ChannelDialer } from '@sallyport/shared/io/channel-dialer.ts';
import { ChannelListener } from '@sallyport/shared/io/channel-listener.ts';
import type { ChannelSink } from '@sallyport/shared/io/channel-sink.ts';
import type { ChannelCredentials, ChannelPeer } from '@sallyport/shared/io/channel-tls.ts';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { Bundle } from '../bundle/bundle.ts';

export interface ChannelEndsOptions {
  readonly bundle: Bundle;
  readonly credentials: ChannelCredentials;
  /** Whether a gateway was lost. */
  readonly isRevoked: (gateway: ChannelPeer) => boolean;
  readonly worker: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly open: (connection: ChannelConnection) => ChannelSink;
}

/** Gateways of a site, with room for strangers that are about to be turned away. */
const CONNECTIONS_MAX = 64;
/** What a gateway may have under way to this worker, and to one partner connection. */
const CREDIT_BYTES = 16 * CREDIT_BYTES_MIN;
const FLOW_CREDIT_BYTES = CREDIT_BYTES_MIN;

/** This worker's ends of the channels, whichever side dials. */
export class ChannelEnds {
  readonly #options: ChannelEndsOptions;
  #credentials: ChannelCredentials;
  #listener: ChannelListener | undefined;
  #dialers: readonly ChannelDialer[] = [];

  constructor(options: ChannelEndsOptions) {
    this.#options = options;
    this.#credentials = options.credentials;
  }

  /** Opens the port or begins to dial; resolves with the port, or 0 when this side dials. */
  async start(): Promise<number> {
    const { bundle, worker, clock, log, random, open, isRevoked } = this.#options;
    const { site, node, workers, channel } = bundle.config;
    const own: Hello = {
      protocolVersions: PROTOCOL_VERSIONS,
      role: 'proxy',
      site,
      node,
      worker,
      workers,
      creditBytes: CREDIT_BYTES,
      flowCreditBytes: FLOW_CREDIT_BYTES,
    };
    const common = { own, clock, limits: DEFAULT_CHANNEL_LIMITS, flush: 'adaptive' } as const;
    if (channel.dial === 'inside-out') {
      const { host, port } = channel;
      this.#listener = new ChannelListener(
        {
          ...common,
          host,
          port: port === 0 ? 0 : port + worker,
          credentials: this.#credentials,
          expected: { site, role: 'gateway', isRevoked },
          connectionsMax: CONNECTIONS_MAX,
          refused: (reason, source) => log.warn('channel-refused', { reason, source }),
        },
        open,
      );
      return this.#listener.listen();
    }
    this.#dialers = channel.gateways.map(
      (gateway) =>
        new ChannelDialer(
          {
            ...common,
            host: gateway.host,
            port: gateway.port,
            credentials: () => this.#credentials,
            expected: { site, role: 'gateway', node: gateway.node, isRevoked },
            random,
            failed: (reason, attempt) =>
              log.warn('channel-failed', { gateway: gateway.node, reason, attempt }),
          },
          open,
        ),
    );
    for (const dialer of this.#dialers) dialer.start();
    return 0;
  }

  /** New handshakes use the new certificate; open channels stay. */
  renew(credentials: ChannelCredentials): void {
    this.#credentials = credentials;
    this.#listener?.renew(this.#credentials);
  }

  async stop(reason: string): Promise<void> {
    for (const dialer of this.#dialers) dialer.stop(reason);
    await this.#listener?.close(reason);
  }
}
