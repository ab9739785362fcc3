import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { OutgoingBytes } from '../../domain/core/local-reply.ts';
import type { Link, OnLink, Outgoing } from '../../domain/signalling.ts';
import {
  CommunityConnection,
  type CommunityTraffic,
  type ConnectedHost,
} from './community-connection.ts';
import { InnerDial, type Placed } from './inner-dial.ts';

/** What a lane needs to know of its host. */
export interface LaneHost extends Placed, ConnectedHost {
  /** It is up, or may be in a moment. */
  readonly isWorthDialling: boolean;
  /** One that a server answers, whatever it serves. */
  question(): Outgoing;
}

/** Dials of one lane: a partner whose messages make a server hang up has it dialled no more often. */
export const LANE_DIALS = { perSecond: 1, atOnce: 4 } as const;
/** What waits for a connection that is being made. */
export const HELD_BYTES_MAX = 2_097_152;
/** The kernel asks an end that is silent for so long whether it is there still, and firewalls hear it. */
const KEEP_ALIVE_MS = 30_000;

/**
 * One connection to an inner host that carries the requests of some partners and of no others, so that a server which hangs
 * up over a message of one partner does not hang up on all.
 *
 * It is dialled when there is something to send, which is held meanwhile, within bounds. As a link it outlives its connections.
 */
export class HostLane implements Link {
  lastWaiting: OnLink | undefined;
  readonly remote: string;
  readonly peer: string;
  readonly flow = '';
  readonly #host: LaneHost;
  readonly #traffic: CommunityTraffic;
  readonly #index: MessageIndex;
  readonly #ended: (lane: HostLane, reason: string) => void;
  readonly #dials: TokenBucket;
  #dial: InnerDial | undefined;
  #connection: CommunityConnection | undefined;
  #held: OutgoingBytes[] = [];
  #heldBytes = 0;
  /** What its connection had brought when it was last looked at. */
  #bytesBefore = 0;
  /** Looks in a row that found requests on it, and nothing new. */
  #silences = 0;

  /** `ended`: a connection, or the try to make one, is over, and whoever waits on this link has not been told. */
  constructor(
    host: LaneHost,
    traffic: CommunityTraffic,
    index: MessageIndex,
    ended: (lane: HostLane, reason: string) => void,
  ) {
    this.#host = host;
    this.#traffic = traffic;
    this.#index = index;
    this.#ended = ended;
    this.remote = host.key;
    this.peer = host.community;
    const { perSecond, atOnce } = LANE_DIALS;
    this.#dials = new TokenBucket(perSecond, atOnce, performance.now());
  }

  /** False where nothing can be sent now. */
  send(message: Outgoing): boolean {
    return this.#connection?.send(message) ?? this.#hold(message);
  }

  /**
   * To be called at regular times. A connection on which requests wait and that brings nothing is asked whether anybody is
   * there, and given up after so many silences more: a firewall may have forgotten it.
   */
  look(silencesMax: number): void {
    const bytes = this.#dial?.socket.bytesRead ?? 0;
    const isSilent =
      this.#connection !== undefined &&
      this.lastWaiting !== undefined &&
      bytes === this.#bytesBefore;
    this.#bytesBefore = bytes;
    this.#silences = isSilent ? this.#silences + 1 : 0;
    if (this.#silences > silencesMax) this.#dial?.giveUp('no-answer');
    else if (isSilent) this.#connection?.send(this.#host.question());
  }

  /** The host is silent altogether: a connection that was silent at the last look, too, and is still, is given up at once. */
  giveUpSilent(): void {
    const bytes = this.#dial?.socket.bytesRead ?? 0;
    if (this.#silences > 0 && bytes === this.#bytesBefore) this.#dial?.giveUp('no-answer');
  }

  /** Leaves a server that is not who it should be any more. */
  judge(): void {
    if (this.#connection !== undefined) this.#dial?.judge();
  }

  /** What was written goes out, and answers are read until the server ends it too; for a lane that is sent nothing more. */
  close(): void {
    if (this.#connection === undefined) this.#dial?.giveUp('stopped');
    else this.#connection.close();
  }

  #hold(message: Outgoing): boolean {
    const length = message.byteLength();
    if (this.#heldBytes + length > HELD_BYTES_MAX) return false;
    if (this.#dial === undefined && !(this.#host.isWorthDialling && this.#redial())) return false;
    const bytes = Buffer.allocUnsafeSlow(length);
    message.write(bytes, 0);
    this.#held.push(new OutgoingBytes(bytes));
    this.#heldBytes += length;
    return true;
  }

  #redial(): boolean {
    if (!this.#dials.take(performance.now())) return false;
    this.#dial = new InnerDial(this.#host, {
      opened: ({ socket }) => this.#opened(socket),
      ended: ({ fault }) => this.#over(fault),
    });
    return true;
  }

  #opened(socket: InnerDial['socket']): void {
    const connection = new CommunityConnection(socket, this.#host, this.#traffic, this.#index);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#connection = connection;
    this.#bytesBefore = 0;
    for (const message of this.#released()) connection.send(message);
  }

  #over(reason: string): void {
    this.#dial = undefined;
    this.#connection = undefined;
    this.#released();
    this.#ended(this, reason);
  }

  #released(): readonly OutgoingBytes[] {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }
}
