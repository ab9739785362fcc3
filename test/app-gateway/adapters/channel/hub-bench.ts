import { ChannelHub, type HubPolicy } from '@sallyport/app-gateway/adapters/channel/channel-hub.ts';
import type { ProxyChannel } from '@sallyport/app-gateway/adapters/channel/proxy-channel.ts';
import type { Link } from '@sallyport/app-gateway/domain/signalling.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { LIMITS, SIP_ACME } from '../../domain/core/core-stage.ts';
import { FakeConnection, HELLO } from './fake-connection.ts';

/** One name for all of us, and TLS for everybody. */
export const HUB_POLICY: HubPolicy = {
  reusesAlways: () => false,
  isOfNow: () => true,
  transportTo: () => 'tls',
  nameOf: () => SIP_ACME,
  nameFor: () => SIP_ACME,
};

/** A hub whose every word is written down. */
export class HubBench {
  readonly heard: string[] = [];
  /** What failures were said of, each time. */
  readonly carriers: ((link: Link) => boolean)[] = [];
  readonly hub: ChannelHub;
  readonly always = new Set<string>();

  constructor(policy: Partial<HubPolicy> = {}) {
    this.hub = new ChannelHub(
      {
        request: (index, flow, exchange) =>
          this.heard.push(`${flow.flow} ${index.method()} ${exchange}`),
        response: (index, peer) => this.heard.push(`${peer} ${index.status}`),
        sent: (number, _asked, link) => this.heard.push(`sent ${number} ${link.remote}`),
        transportFailed: (number, isCarrier, isLast) => {
          this.carriers.push(isCarrier);
          this.heard.push(`failed ${number} ${isLast}`);
        },
        linkLost: (link) => this.heard.push(`lost ${link.flow}`),
        sighted: ({ flow, opened }, proxy) =>
          this.heard.push(`sighted ${flow} ${proxy} ${opened.sightings.join()}`),
        channelReady: (channel) => this.hub.add(channel),
        channelClosed: (channel, reason) => {
          this.hub.remove(channel);
          this.heard.push(`closed ${reason}`);
        },
        snapshotAnswered: () => undefined,
        certificateRequested: (_channel, exchange, payload) =>
          this.heard.push(`certificate ${exchange} ${payload.toString('latin1')}`),
        audit: () => undefined,
        report: (_channel, event) => this.heard.push(event),
      },
      { ...HUB_POLICY, reusesAlways: (partner) => this.always.has(partner), ...policy },
      new MessageIndex(LIMITS),
    );
  }

  channel(worker = 0, node = 'edge-1'): { connection: FakeConnection; channel: ProxyChannel } {
    const connection = new FakeConnection();
    const channel = this.hub.open(connection as unknown as ChannelConnection);
    channel.ready({ ...HELLO, node, worker });
    return { connection, channel };
  }

  take(): string[] {
    return this.heard.splice(0);
  }
}
