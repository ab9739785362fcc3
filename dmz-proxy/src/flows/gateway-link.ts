import type { ClockOffset, ClockVerdict } from '@sallyport/shared/channel/clock-offset.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { ChannelSink } from '@sallyport/shared/io/channel-sink.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { CreditOwner, Flow } from './flow.ts';
import { PendingTable } from './pending.ts';
import { type Candidate, hashName } from './rendezvous.ts';

/** What a gateway's channel brings; `bytes[start, end)` is valid only during the call. */
export interface GatewayEvents {
  ready(link: GatewayLink): void;
  frame(link: GatewayLink, ...frame: Parameters<ChannelSink['frame']>): void;
  flowWritable(link: GatewayLink, flow: number): void;
  draining(link: GatewayLink): void;
  clockTurned(link: GatewayLink, verdict: ClockVerdict, offset: ClockOffset): void;
  closed(link: GatewayLink, reason: string): void;
}

/** One live channel: the gateway behind it, and what it has not answered yet. */
export class GatewayLink implements ChannelSink, Candidate, CreditOwner {
  readonly connection: ChannelConnection;
  readonly pending = new PendingTable<Flow>();
  /** Flows that wait for this channel's credit. */
  readonly blocked = new Map<number, Flow>();
  node = '';
  /** What stands for the gateway in the branches of its requests. */
  tag = '';
  nameHash = 0;
  readonly #site: string;
  readonly #events: GatewayEvents;

  constructor(connection: ChannelConnection, site: string, events: GatewayEvents) {
    this.connection = connection;
    this.#site = site;
    this.#events = events;
  }

  /** Stops reading a flow until this channel has credit for it again. */
  block(flow: Flow): void {
    if (this.blocked.has(flow.facts.id)) return;
    this.blocked.set(flow.facts.id, flow);
    flow.block();
  }

  /** Passes on what a partner sent; where the channel has no credit for its connection, that is read no more. */
  pass(flow: Flow, { bytes, start, end }: MessageIndex, exchange: number): void {
    const { id } = flow.facts;
    if (!this.connection.send(FrameType.sip, 0, id, exchange, bytes, start, end)) this.block(flow);
  }

  unblock(flowId: number): void {
    const flow = this.blocked.get(flowId);
    this.blocked.delete(flowId);
    flow?.unblock();
  }

  consumed(flow: number, bytes: number): void {
    this.connection.consumed(flow, bytes);
  }

  ready(peer: Hello): void {
    this.node = peer.node;
    this.tag = nodeTag(this.#site, peer.node);
    this.nameHash = hashName(`${peer.node}/${peer.worker}`);
    this.#events.ready(this);
  }

  frame(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    this.#events.frame(this, type, flags, flow, exchange, bytes, start, end);
  }

  flowWritable(flow: number): void {
    this.#events.flowWritable(this, flow);
  }

  draining(): void {
    this.#events.draining(this);
  }

  clockTurned(verdict: ClockVerdict, offset: ClockOffset): void {
    this.#events.clockTurned(this, verdict, offset);
  }

  closed(reason: string): void {
    this.#events.closed(this, reason);
  }
}
