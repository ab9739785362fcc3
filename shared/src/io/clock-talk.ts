import {
  asked,
  type ClockComparison,
  type ClockOffset,
  type ClockVerdict,
  decodeTime,
  encodeTime,
  isQuestionDue,
  knowsTime,
  NOT_COMPARED,
  told,
} from '../channel/clock-offset.ts';
import { FrameType } from '../channel/frame.ts';
import type { Hello } from '../channel/hello.ts';
import type { Clock } from './clock.ts';
import type { FrameWriter } from './frame-writer.ts';

/** What one end of a channel asks about the other's clock, and tells of its own. */
export class ClockTalk {
  readonly #clock: Clock;
  readonly #versions: readonly number[];
  readonly #writer: Pick<FrameWriter, 'control'>;
  readonly #turned: (verdict: ClockVerdict, offset: ClockOffset) => void;
  #comparison: ClockComparison = NOT_COMPARED;
  #hasTold = false;

  constructor(
    { clock, own }: { readonly clock: Clock; readonly own: Hello },
    writer: Pick<FrameWriter, 'control'>,
    turned: (verdict: ClockVerdict, offset: ClockOffset) => void,
  ) {
    this.#clock = clock;
    this.#versions = own.protocolVersions;
    this.#writer = writer;
    this.#turned = turned;
  }

  /** Undefined while it is not known. */
  get offset(): ClockOffset | undefined {
    return this.#comparison.offset;
  }

  /** Once a second; asks when it is time, and only a peer that knows these frames. */
  tick(peer: Hello | undefined): void {
    this.#hasTold = false;
    if (!knowsTime(this.#versions, peer)) return;
    const nowMs = this.#clock.monotonicMs();
    if (!isQuestionDue(this.#comparison, nowMs)) return;
    this.#comparison = asked(this.#comparison, nowMs);
    this.#writer.control(FrameType.askTime, 0, this.#comparison.question);
  }

  /** Answers once between two ticks: whoever asks more often is not answered. */
  tell(question: number): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    this.#writer.control(FrameType.tellTime, 0, question, encodeTime(this.#clock.wallMs()));
  }

  /** The peer's answer; false: it is none. */
  told(question: number, bytes: Buffer, start: number, end: number): boolean {
    const peerWallMs = decodeTime(bytes, start, end);
    if (peerWallMs === undefined) return false;
    const before = this.#comparison.verdict;
    this.#comparison = told(this.#comparison, question, peerWallMs, {
      monotonicMs: this.#clock.monotonicMs(),
      wallMs: this.#clock.wallMs(),
    });
    const { verdict, offset } = this.#comparison;
    if (offset !== undefined && verdict !== before) this.#turned(verdict, offset);
    return true;
  }
}
