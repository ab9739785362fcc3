import { hash } from 'node:crypto';
import { encodeSipTarget } from '@sallyport/shared/channel/delivery.ts';
import type { FlowOpened } from '@sallyport/shared/channel/flow.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import type { RunningSite } from '../../commands/command-context.ts';
import type {
  Link,
  Outgoing,
  OwnName,
  PartnerSide,
  PartnerTarget,
  Way,
} from '../../domain/signalling.ts';
import { FlowTable } from './flow-table.ts';
import { type PartnerFlow, writeFrame } from './partner-flow.ts';
import { ProbeAnswers } from './probe-answers.ts';
import { ProxyChannel, type ProxyChannelOwner } from './proxy-channel.ts';

/** What a proxy takes as a next hop: it closes the channel on anything else. */
const LOCATABLE = /^sips?:[!-~]{1,2000}$/i;

/** Sorts behind every hash. */
const ANSWERING = 'x';

/** What the hub asks of configuration. */
export interface HubPolicy {
  /** Whether any flow of that partner may carry requests to it. */
  reusesAlways(partner: string): boolean;
  /** Whether a connection made now would show the partner the same key of ours. */
  isOfNow(opened: FlowOpened): boolean;
  /** How a connection is made to the partner where none is there. */
  transportTo(partner: string): OwnName['transport'];
  /** How the partner knows us on a connection of that proxy. */
  nameOf(node: string, opened: FlowOpened): OwnName;
  /** How it will on one that the proxy opens. */
  nameFor(node: string, transport: OwnName['transport']): OwnName;
}

/**
 * All channels to all proxy workers, as one way to the partners.
 *
 * A request takes the flow its dialog began on, unless that shows a key of ours from before; else a live flow that may carry it, else it goes to one proxy
 * worker, chosen by a hash of the partner, which finds a connection (RFC 3263, RFC 5923).
 */
export class ChannelHub implements PartnerSide {
  readonly #owner: ProxyChannelOwner;
  readonly #policy: HubPolicy;
  readonly #index: MessageIndex;
  readonly #flows = new FlowTable();
  readonly #channels = new Set<ProxyChannel>();
  readonly #probes = new ProbeAnswers();

  constructor(owner: ProxyChannelOwner, policy: HubPolicy, index: MessageIndex) {
    this.#owner = owner;
    this.#policy = policy;
    this.#index = index;
  }

  /** The sink for a new connection; it takes part once its hello is done. */
  open(connection: ChannelConnection): ProxyChannel {
    const nameOf = this.#policy.nameOf.bind(this.#policy);
    return new ProxyChannel(
      connection,
      this.#owner,
      this.#flows,
      this.#index,
      this.#probes,
      nameOf,
    );
  }

  add(channel: ProxyChannel): void {
    this.#channels.add(channel);
  }

  remove(channel: ProxyChannel): void {
    this.#channels.delete(channel);
  }

  /** Channels that are up. */
  channels(): ReadonlySet<ProxyChannel> {
    return this.#channels;
  }

  /** Live partner connections over all proxies. */
  get flowCount(): number {
    return this.#flows.size;
  }

  /** Live connections by partner, over all proxies. */
  get flowsByPartner(): ReadonlyMap<string, ReadonlySet<PartnerFlow>> {
    return this.#flows.byPartner;
  }

  /** Has one proxy try a partner. */
  probe(...asked: Parameters<RunningSite['probe']>): ReturnType<RunningSite['probe']> {
    return this.#probes.ask(this.#channels, ...asked);
  }

  get isUp(): boolean {
    for (const channel of this.#channels) if (channel.connection.isAvailable) return true;
    return false;
  }

  way(target: PartnerTarget): Way | undefined {
    const flow = this.#flowFor(target);
    if (flow !== undefined) return flow;
    const { partner, nextHop, isSecure } = target;
    const transport = this.#policy.transportTo(partner);
    if (!LOCATABLE.test(nextHop) || (isSecure && transport === 'tcp')) return undefined;
    const channel = this.#channelFor(partner);
    if (channel === undefined) return undefined;
    return {
      ownName: this.#policy.nameFor(channel.node, transport),
      carry: (clientNumber, request) => place(channel, target, transport, clientNumber, request),
    };
  }

  #flowFor(target: PartnerTarget): PartnerFlow | undefined {
    const { partner, flow, avoid, isSecure } = target;
    const always = this.#policy.reusesAlways(partner);
    const named = flow === undefined ? undefined : this.#flows.named(flow, partner);
    if (named !== undefined && !avoid.includes(named.remote) && this.#mayStay(named)) {
      if (named.isPlain ? !isSecure : always || named.isReusable) return named;
    }
    const uri = parseSipUri(target.nextHop);
    const host = uri.ok ? uri.value.host : '';
    const isOfNow = ({ opened }: PartnerFlow) => this.#policy.isOfNow(opened);
    const isPlainAgreed = this.#policy.transportTo(partner) === 'tcp';
    return this.#flows.usable({ partner, host, always, avoid, isSecure, isPlainAgreed }, isOfNow);
  }

  /**
   * Whether a dialog may stay on its connection: one that we opened with a key of before is one that the partner may
   * end at any time, and refuses what comes then.
   */
  #mayStay({ opened }: PartnerFlow): boolean {
    return opened.direction === 'inbound' || this.#policy.isOfNow(opened);
  }

  /** Rendezvous: the same worker for a partner as long as it is up and answers, so that its connections are few. */
  #channelFor(partner: string): ProxyChannel | undefined {
    let best: ProxyChannel | undefined;
    let bestWeight = '';
    for (const channel of this.#channels) {
      if (!channel.connection.isAvailable) continue;
      const order = channel.connection.isQuiet ? '' : ANSWERING;
      const weight = `${order}${hash('sha1', `${channel.name}\n${partner}`, 'hex')}`;
      if (weight > bestWeight) {
        best = channel;
        bestWeight = weight;
      }
    }
    return best;
  }
}

/** Hands a request to a proxy that finds a connection for it; which one it says later. */
function place(
  channel: ProxyChannel,
  { partner, nextHop, avoid }: PartnerTarget,
  transport: OwnName['transport'],
  clientNumber: number,
  request: Outgoing,
): Link {
  const target = { partner, uri: nextHop, avoid };
  const prefix = encodeSipTarget(transport === 'tcp' ? { ...target, transport } : target);
  const placed = new Prefixed(prefix, request);
  writeFrame(channel.connection, FrameType.sipTo, 0, 0, clientNumber, placed);
  const asked: Link = { remote: '', peer: partner, flow: '', lastWaiting: undefined };
  channel.place(clientNumber, asked);
  return asked;
}

/** A message behind the target it is for, as a `sipTo` frame wants it. */
class Prefixed implements Outgoing {
  readonly #prefix: Buffer;
  readonly #message: Outgoing;

  constructor(prefix: Buffer, message: Outgoing) {
    this.#prefix = prefix;
    this.#message = message;
  }

  byteLength(): number {
    return this.#prefix.length + this.#message.byteLength();
  }

  write(into: Buffer, at: number): number {
    return this.#message.write(into, at + this.#prefix.copy(into, at));
  }
}
