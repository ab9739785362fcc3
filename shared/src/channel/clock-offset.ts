import { commonVersion, type Hello } from './hello.ts';

/** How far the peer's clock is from ours, as one question and its answer prove. */
export interface ClockOffset {
  /** Positive: the peer's clock is ahead of ours. */
  readonly aheadMs: number;
  /** The truth lies within so much of it: half of the way there and back, and what a millisecond hides. */
  readonly withinMs: number;
}

/** Whether two clocks are near enough; what the way of the question may explain is held against nobody. */
export type ClockVerdict = 'right' | 'differs' | 'too-far';

/** What one end of a channel knows of the other's clock. */
export interface ClockComparison {
  /** Number of the last question. */
  readonly question: number;
  readonly askedAtMs: number;
  readonly isAnswered: boolean;
  /** Undefined: nothing was asked yet, or the last but one question was never answered. */
  readonly offset: ClockOffset | undefined;
  readonly verdict: ClockVerdict;
}

/** The time of one clock in both kinds: differences on the one, the date on the other. */
export interface TwoTimes {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** The frames `askTime` and `tellTime` came with this version of the protocol. */
const TIME_VERSION = 3;
/** An unsigned 64-bit number of milliseconds since 1970, big endian. */
export const TIME_BYTES = 8;
/** The last time that a date can hold. */
const LATEST_MS = 8_640_000_000_000_000;
const ASK_EVERY_MS = 60_000;
/** From here on records of two hosts are hard to put in order. */
export const CLOCK_DIFFERS_MS = 1000;
/** A fifth of what an operator's command or an OCSP answer may be off: time to act before anything is refused. */
export const CLOCK_TOO_FAR_MS = 60_000;

/** Before the first question. */
export const NOT_COMPARED: ClockComparison = {
  question: 0,
  askedAtMs: Number.NEGATIVE_INFINITY,
  isAnswered: true,
  offset: undefined,
  verdict: 'right',
};

/** Whether it is time to ask. */
export function isQuestionDue({ askedAtMs }: ClockComparison, monotonicMs: number): boolean {
  return monotonicMs - askedAtMs >= ASK_EVERY_MS;
}

/** A question goes out now; where the one before was never answered, what was known is too old. */
export function asked(before: ClockComparison, monotonicMs: number): ClockComparison {
  return {
    ...before,
    question: (before.question + 1) % 2 ** 32,
    askedAtMs: monotonicMs,
    isAnswered: false,
    offset: before.isAnswered ? before.offset : undefined,
  };
}

/** The peer's answer; one that was not asked for changes nothing. */
export function told(
  before: ClockComparison,
  question: number,
  peerWallMs: number,
  own: TwoTimes,
): ClockComparison {
  if (before.isAnswered || question !== before.question) return before;
  const halfWayMs = Math.max(0, own.monotonicMs - before.askedAtMs) / 2;
  const offset = {
    aheadMs: Math.round(peerWallMs + halfWayMs - own.wallMs),
    withinMs: Math.ceil(halfWayMs) + 1,
  };
  return { ...before, isAnswered: true, offset, verdict: clockVerdict(offset) };
}

/** What an offset means. */
export function clockVerdict({ aheadMs, withinMs }: ClockOffset): ClockVerdict {
  const provenMs = Math.abs(aheadMs) - withinMs;
  if (provenMs < CLOCK_DIFFERS_MS) return 'right';
  return provenMs < CLOCK_TOO_FAR_MS ? 'differs' : 'too-far';
}

/** The payload of `tellTime`. */
export function encodeTime(wallMs: number): Buffer {
  const payload = Buffer.alloc(TIME_BYTES);
  payload.writeBigUInt64BE(BigInt(Math.min(LATEST_MS, Math.max(0, Math.floor(wallMs)))));
  return payload;
}

/** Undefined where this is no time. */
export function decodeTime(bytes: Buffer, start: number, end: number): number | undefined {
  if (end - start !== TIME_BYTES) return undefined;
  const wallMs = Number(bytes.readBigUInt64BE(start));
  return wallMs <= LATEST_MS ? wallMs : undefined;
}

/** Whether a peer knows these frames: an older one would close the channel at the sight of them. */
export function knowsTime(ours: readonly number[], peer: Hello | undefined): boolean {
  return (commonVersion(ours, peer?.protocolVersions ?? []) ?? 0) >= TIME_VERSION;
}
