import type { ClockOffset, ClockVerdict } from '../channel/clock-offset.ts';
import type { FrameSink } from '../channel/frame-reader.ts';
import type { Hello } from '../channel/hello.ts';

/** What a channel tells its owner. */
export interface ChannelSink {
  /** Both sides have said hello. */
  ready(peer: Hello): void;
  /**
   * Every frame that is the owner's business: all but hello, credit, ping, pong, drain and those of time.
   * `bytes[start, end)` is valid only during the call. At a proxy a `closeFlow` may also come from
   * the channel itself, when too much waits on a flow.
   */
  frame(...frame: Parameters<FrameSink['frame']>): void;
  /** All that waited on this flow (0: `sipTo` frames) has gone out since a send returned false. */
  flowWritable(flow: number): void;
  /** The peer takes no new requests; what is under way goes on. */
  draining(): void;
  /** What is to be thought of the peer's clock has changed; until the first time it is thought right. */
  clockTurned(verdict: ClockVerdict, offset: ClockOffset): void;
  /** Exactly once, and never within a call of the owner's. Nothing comes after it. */
  closed(reason: string): void;
}
