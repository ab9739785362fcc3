import { knowsAbandoned } from '@sallyport/shared/channel/delivery.ts';
import type { FlowOpened } from '@sallyport/shared/channel/flow.ts';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import { PROTOCOL_VERSIONS } from '@sallyport/shared/channel/hello.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { Allowance } from '../../domain/core/agreed-rates.ts';
import type { TransactionShare } from '../../domain/core/transaction-share.ts';
import type { Link, OnLink, Origin, Outgoing, OwnName, Way } from '../../domain/signalling.ts';

/** Where flows are looked for. */
interface Table {
  /** A connection that takes over from a lost one. */
  inPlaceOf(gone: PartnerFlow): PartnerFlow | undefined;
  /** It may be used for something else than before. */
  changed(flow: PartnerFlow): void;
  /** One for all workers of a proxy. */
  shareOf(proxy: string): TransactionShare;
}

const NO_PAYLOAD = Buffer.alloc(0);

/** One live connection of a partner, as a proxy announced it: where its requests come from and go to. */
export class PartnerFlow implements Origin, Link, Way {
  readonly side = 'outside' as const;
  readonly number: number;
  /** Octets of what its proxy told of it last. */
  announcedBytes = 0;
  readonly flow: string;
  readonly share: TransactionShare;
  allowance: Allowance | undefined;
  lastWaiting: OnLink | undefined;
  /** Empty once its proxy is gone, or has ended it: the address is as good as ever, for another proxy or connection. */
  remote: string;
  isOpen = true;
  /** Its channel is lost: the proxy has answered what was open itself (no second answer may follow). */
  isOrphaned = false;
  #opened: FlowOpened;
  #isReusable: boolean;
  readonly #channel: ChannelConnection;
  readonly #table: Table;
  readonly #nameOf: (opened: FlowOpened) => OwnName;

  /** `worker` names the proxy worker, so that the flow means the same at every gateway. */
  constructor(
    channel: ChannelConnection,
    table: Table,
    worker: string,
    number: number,
    opened: FlowOpened,
    nameOf: (opened: FlowOpened) => OwnName,
  ) {
    this.#nameOf = nameOf;
    this.#channel = channel;
    this.#table = table;
    this.number = number;
    this.#opened = opened;
    this.flow = `${worker}/${number}`;
    this.share = table.shareOf(worker.slice(0, worker.indexOf('/')));
    this.remote = `${opened.remoteAddress}:${opened.remotePort}`;
    this.#isReusable = opened.direction === 'outbound';
  }

  /** As its proxy told it last. */
  get opened(): FlowOpened {
    return this.#opened;
  }

  /** Requests of ours may go out on it: by its direction, or because the partner said so. */
  get isReusable(): boolean {
    return this.#isReusable;
  }

  get peer(): string {
    return this.opened.partner;
  }

  /** Its proxy takes nothing new for it. */
  get isEnding(): boolean {
    return this.opened.isEnding === true;
  }

  get sourceAddress(): string {
    return this.opened.remoteAddress;
  }

  get sourcePort(): number {
    return this.opened.remotePort;
  }

  /** By the site of now, which the partner's next request will meet. */
  get ownName(): OwnName {
    return this.#nameOf(this.opened);
  }

  /** Without TLS: nothing that must be secure goes this way. */
  get isPlain(): boolean {
    return this.opened.transport === 'tcp';
  }

  /** Its proxy tells it anew. */
  announced(opened: FlowOpened): void {
    this.#opened = opened;
    this.#table.changed(this);
  }

  allowReuse(): void {
    if (this.#isReusable) return;
    this.#isReusable = true;
    this.#table.changed(this);
  }

  /** A response whose connection is gone takes another one of the same peer (RFC 3261 §18.2.2). */
  respond(exchange: number, isFinal: boolean, response: Outgoing): boolean {
    if (this.isOpen) return this.#write(isFinal ? FLAG_FINAL : 0, exchange, response);
    const other = this.isOrphaned ? undefined : this.#table.inPlaceOf(this);
    if (other === undefined) return false;
    return other.#write(0, 0, response);
  }

  /** The proxy has its partner's place back, and need not wait until it forgets the request by itself. */
  abandon(exchange: number): void {
    if (!this.isOpen || !knowsAbandoned(PROTOCOL_VERSIONS, this.#channel.peer)) return;
    this.#channel.sendParts(FrameType.abandoned, exchange, NO_PAYLOAD);
  }

  carry(clientNumber: number, request: Outgoing): Link | undefined {
    return this.#write(0, clientNumber, request) ? this : undefined;
  }

  #write(flags: number, exchange: number, message: Outgoing): boolean {
    if (!this.isOpen) return false;
    writeFrame(this.#channel, FrameType.sip, flags, this.number, exchange, message);
    return true;
  }
}

/** Writes a message into the channel's own buffer where credit allows, else through its queue. */
export function writeFrame(
  channel: ChannelConnection,
  type: number,
  flags: number,
  flow: number,
  exchange: number,
  message: Outgoing,
): void {
  const length = message.byteLength();
  const reserved = channel.reserve(type, flags, flow, exchange, length);
  if (reserved === undefined) {
    const bytes = Buffer.allocUnsafe(length);
    const end = message.write(bytes, 0);
    channel.send(type, flags, flow, exchange, bytes, 0, end);
    return;
  }
  channel.commit(message.write(reserved.buffer, reserved.at) - reserved.at);
}
