import type { ClockOffset, ClockVerdict } from '@sallyport/shared/channel/clock-offset.ts';
import { decodeSendFailed, decodeSent } from '@sallyport/shared/channel/delivery.ts';
import {
  ANNOUNCED_BYTES_MAX,
  decodeFlowOpened,
  type FlowOpened,
} from '@sallyport/shared/channel/flow.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import {
  decodeLogReport,
  decodeMetricsReport,
  type MetricsReport,
} from '@sallyport/shared/channel/report.ts';
import {
  decodeSnapshotResult,
  type SnapshotResult,
} from '@sallyport/shared/channel/snapshot-result.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { ChannelSink } from '@sallyport/shared/io/channel-sink.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { IsOwn, Link, OwnName } from '../../domain/signalling.ts';
import type { FlowTable } from './flow-table.ts';
import { PartnerFlow } from './partner-flow.ts';
import type { ProbeAnswers } from './probe-answers.ts';

/** What the core and the operator hear of one channel. */
export interface ProxyChannelOwner {
  request(index: MessageIndex, flow: PartnerFlow, exchange: number): void;
  response(index: MessageIndex, peer: string): void;
  /** `asked`: what was placed for that request. */
  sent(clientNumber: number, asked: Link, link: Link): void;
  /** `isOwn` knows the links of this channel alone. */
  transportFailed(clientNumber: number, isOwn: IsOwn, isLast: boolean): void;
  linkLost(link: Link): void;
  /** A handshake, or the first word after it, of which this gateway is to keep a record. */
  sighted(flow: PartnerFlow, proxy: string): void;
  channelReady(channel: ProxyChannel): void;
  channelClosed(channel: ProxyChannel, reason: string): void;
  /** A proxy took a snapshot, or said why not. */
  snapshotAnswered(channel: ProxyChannel, result: SnapshotResult): void;
  /** The proxy wants a certificate of a new key; `payload` is a copy. */
  certificateRequested(channel: ProxyChannel, exchange: number, payload: Buffer): void;
  /** Records, or a witness's word; the bytes are valid during the call. */
  audit(channel: ProxyChannel, type: number, bytes: Buffer, start: number, end: number): void;
  report(
    channel: ProxyChannel,
    event: string,
    fields: Record<string, string | number | boolean>,
    level?: keyof Logger,
  ): void;
}

/** So many requests that a proxy said nothing of are kept without a look at who still waits. */
const UNPLACED_MIN = 1024;

/** What the operators' log says when the clock of a proxy's host turns wrong, worse, or right again. */
const CLOCK_LINES = {
  right: ['info', 'clock-agrees'],
  differs: ['warn', 'clock-differs'],
  'too-far': ['error', 'clock-differs'],
} as const;

/** Our end of the channel to one proxy worker: its flows, and frames turned into calls of the core. */
export class ProxyChannel implements ChannelSink {
  readonly connection: ChannelConnection;
  readonly #owner: ProxyChannelOwner;
  readonly #table: FlowTable;
  readonly #probes: ProbeAnswers;
  readonly #index: MessageIndex;
  readonly #nameOf: (opened: FlowOpened) => OwnName;
  readonly #flows = new Map<number, PartnerFlow>();
  /** Client transactions handed to this proxy without a flow, until it says which one took them, or for some time after their end. */
  readonly #unplaced = new Map<number, Link>();
  #unplacedMax = UNPLACED_MIN;
  #announcedBytes = 0;
  name: string;
  /** The node that its certificate proves. */
  node = '';
  worker = 0;
  /** What the worker has last said that it counted. */
  metrics: MetricsReport = {};

  constructor(
    connection: ChannelConnection,
    owner: ProxyChannelOwner,
    table: FlowTable,
    index: MessageIndex,
    probes: ProbeAnswers,
    nameOf: (node: string, opened: FlowOpened) => OwnName,
  ) {
    this.#nameOf = (opened) => nameOf(this.node, opened);
    this.connection = connection;
    this.#owner = owner;
    this.#table = table;
    this.#index = index;
    this.#probes = probes;
    this.name = connection.certified.node;
  }

  ready(peer: Hello): void {
    this.node = peer.node;
    this.worker = peer.worker;
    this.name = `${peer.node}/${peer.worker}`;
    this.#owner.channelReady(this);
  }

  frame(
    type: number,
    _flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    switch (type) {
      case FrameType.sip:
        return this.#sip(flow, exchange, bytes, start, end);
      case FrameType.flowOpened:
        return this.#flowOpened(flow, bytes, start, end);
      case FrameType.flowClosed:
        return this.#flowClosed(flow);
      case FrameType.sent:
        return this.#sent(flow, exchange, bytes, start, end);
      case FrameType.sendFailed:
        return this.#sendFailed(exchange, bytes, start, end);
      case FrameType.snapshotResult:
        return this.#snapshotResult(bytes, start, end);
      case FrameType.certificateRequest: {
        const payload = Buffer.from(bytes.subarray(start, end));
        return this.#owner.certificateRequested(this, exchange, payload);
      }
      case FrameType.probeResult:
        return this.#probes.answered(this, exchange, bytes, start, end);
      case FrameType.auditRecords:
      case FrameType.auditSpooled:
      case FrameType.auditCosigned:
        return this.#owner.audit(this, type, bytes, start, end);
      case FrameType.log:
        return this.#log(bytes, start, end);
      case FrameType.metrics:
        return this.#metrics(bytes, start, end);
      default:
        return;
    }
  }

  flowWritable(): void {
    // Nothing is paused here: what a slow partner does not take waits in the channel's bounded queue of its flow.
  }

  draining(): void {
    this.#owner.report(this, 'proxy-draining', {});
  }

  clockTurned(verdict: ClockVerdict, { aheadMs, withinMs }: ClockOffset): void {
    const [level, event] = CLOCK_LINES[verdict];
    this.#owner.report(this, event, { aheadMs, withinMs }, level);
  }

  /** How far that worker's clock is from ours, where it is known. */
  get clockOffset(): ClockOffset | undefined {
    return this.connection.clockOffset;
  }

  closed(reason: string): void {
    const flows = [...this.#flows.values()];
    const unplaced = [...this.#unplaced.values()];
    this.#flows.clear();
    this.#unplaced.clear();
    this.#probes.closed(this);
    for (const flow of flows) {
      this.#table.remove(flow);
      flow.remote = '';
      flow.isOrphaned = true;
    }
    // Nothing here can be chosen any more; only now do the requests that it carried look for another way.
    this.#owner.channelClosed(this, reason);
    for (const link of [...flows, ...unplaced]) this.#owner.linkLost(link);
  }

  /** A request of ours is with the proxy, which looks for a connection. */
  place(clientNumber: number, asked: Link): void {
    if (clientNumber === 0) return;
    if (this.#unplaced.size >= this.#unplacedMax) this.#forgetEnded();
    this.#unplaced.set(clientNumber, asked);
  }

  /** A proxy owes a word on each, and its owner may keep it: what nobody waits for any more goes, whenever they have doubled. */
  #forgetEnded(): void {
    for (const [number, { lastWaiting }] of this.#unplaced) {
      if (lastWaiting === undefined) this.#unplaced.delete(number);
    }
    this.#unplacedMax = Math.max(UNPLACED_MIN, 2 * this.#unplaced.size);
  }

  #sip(number: number, exchange: number, bytes: Buffer, start: number, end: number): void {
    const flow = this.#flows.get(number);
    if (flow !== undefined && this.#index.scan(bytes, start, end) === end - start) {
      if (this.#index.isRequest) this.#owner.request(this.#index, flow, exchange);
      else this.#owner.response(this.#index, flow.peer);
    }
    this.connection.consumed(number, end - start);
  }

  #flowOpened(number: number, bytes: Buffer, start: number, end: number): void {
    const opened = decodeFlowOpened(bytes, start, end);
    if (!opened.ok) return this.connection.close('flow-opened-malformed');
    const flow = this.#flows.get(number) ?? this.#newFlow(number, opened.value);
    // A connection never changes hands.
    if (flow.peer !== opened.value.partner) return this.connection.close('flow-opened-twice');
    flow.announced(opened.value);
    this.#announcedBytes += end - start - flow.announcedBytes;
    flow.announcedBytes = end - start;
    if (this.#announcedBytes > ANNOUNCED_BYTES_MAX) return this.connection.close('flows-too-large');
    if (opened.value.sightings.length > 0) this.#owner.sighted(flow, this.name);
  }

  #newFlow(number: number, opened: FlowOpened): PartnerFlow {
    const flow = new PartnerFlow(
      this.connection,
      this.#table,
      this.name,
      number,
      opened,
      this.#nameOf,
    );
    this.#flows.set(number, flow);
    this.#table.add(flow);
    return flow;
  }

  #flowClosed(number: number): void {
    const flow = this.#flows.get(number);
    if (flow === undefined) return;
    this.#announcedBytes -= flow.announcedBytes;
    this.#flows.delete(number);
    this.#table.remove(flow);
    // Its proxy has ended it: what crossed that on its way there was not sent, and may go to the same address.
    if (flow.isEnding) flow.remote = '';
    this.#owner.linkLost(flow);
  }

  #sent(number: number, exchange: number, bytes: Buffer, start: number, end: number): void {
    const asked = this.#unplaced.get(exchange);
    this.#unplaced.delete(exchange);
    const flow = this.#flows.get(number);
    if (asked === undefined || flow === undefined) return;
    if (decodeSent(bytes, start, end).ok) this.#owner.sent(exchange, asked, flow);
  }

  #sendFailed(exchange: number, bytes: Buffer, start: number, end: number): void {
    const asked = this.#unplaced.get(exchange);
    this.#unplaced.delete(exchange);
    const failed = decodeSendFailed(bytes, start, end);
    const reason = failed.ok ? failed.value.reason : 'malformed';
    this.#owner.report(this, 'send-failed', {
      reason,
      detail: (failed.ok && failed.value.detail) || '',
    });
    // The proxy has tried every address by itself, unless only the flow or the proxy was the wrong one.
    this.#owner.transportFailed(
      exchange,
      (link) => link === asked || this.#carries(link),
      reason !== 'flow-gone' && reason !== 'draining',
    );
  }

  #carries(link: Link): boolean {
    return link instanceof PartnerFlow && this.#flows.get(link.number) === link;
  }

  #snapshotResult(bytes: Buffer, start: number, end: number): void {
    const result = decodeSnapshotResult(bytes, start, end);
    if (!result.ok) return this.connection.close('snapshot-result-malformed');
    this.#owner.snapshotAnswered(this, result.value);
    const { accepted } = result.value;
    const [event, level] = accepted
      ? (['snapshot-accepted', 'info'] as const)
      : (['snapshot-refused', 'warn'] as const);
    this.#owner.report(
      this,
      event,
      {
        version: result.value.version,
        reason: result.value.reason ?? '',
      },
      level,
    );
  }

  #metrics(bytes: Buffer, start: number, end: number): void {
    const counts = decodeMetricsReport(bytes, start, end);
    if (counts.ok) this.metrics = counts.value;
  }

  #log(bytes: Buffer, start: number, end: number): void {
    const line = decodeLogReport(bytes, start, end);
    if (!line.ok) return;
    const { event, level, time, fields } = line.value;
    // Our own line has an event, a level and a time already, and which proxy it was is not the proxy's to say.
    const { proxy: _claimed, ...rest } = fields;
    const origin = { proxyEvent: event, proxyLevel: level, proxyTime: time };
    this.#owner.report(this, 'proxy-log', { ...origin, ...rest });
  }
}
