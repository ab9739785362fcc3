import { FairShares } from '@sallyport/shared/net/fair-shares.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import type { Flow } from '../flows/flow.ts';

interface Held {
  readonly flow: Flow;
  /** The gateway that it is for; empty for any. */
  readonly tag: string;
  readonly partner: string;
  readonly bytes: Buffer;
  readonly heldAtMs: number;
}

/** As long as whoever waits for it may wait: 64 × T1 (RFC 3261 §17.1.1.2). */
const HELD_MS_MAX = 32_000;
const HELD_BYTES_MAX = 1_048_576;

/**
 * What partners say while the channel is down that it is for, and what nobody says again over a reliable transport: an answer to a
 * request of ours, and the ACK to a 2xx. Without them a call rings for three minutes, or ends after half of one.
 *
 * It waits for the gateway that asked, or the next one, as it came, and within bounds.
 */
export class HeldForGateway {
  /** Tags of gateways whose channels are lost. */
  readonly #lost = new Set<string>();
  #held: Held[] = [];
  /** By partner: one that answers much must not take it from calls of the others. */
  readonly #heldBytes = new FairShares(HELD_BYTES_MAX);
  #index: MessageIndex;

  constructor(limits: MessageLimits) {
    this.#index = new MessageIndex(limits);
  }

  /** What was let in under these limits can be read again. */
  useLimits(limits: MessageLimits): void {
    this.#index = new MessageIndex(limits);
  }

  lost(tag: string): void {
    this.#lost.add(tag);
  }

  /** False where no such gateway was there before, or there is no room. */
  hold(flow: Flow, { bytes, start, end }: MessageIndex, tag: string, nowMs: number): boolean {
    const isAwaited = tag === '' ? this.#lost.size > 0 : this.#lost.has(tag);
    const partner = flow.identity.partner.id;
    if (!isAwaited || !this.#heldBytes.take(partner, end - start)) return false;
    const copy = Buffer.from(bytes.subarray(start, end));
    this.#held.push({ flow, tag, partner, bytes: copy, heldAtMs: nowMs });
    return true;
  }

  /** A gateway is there: what waits for it comes as if it were now, in its order. */
  returned(tag: string, each: (flow: Flow, index: MessageIndex) => void): void {
    this.#lost.delete(tag);
    this.#take((held) => held.tag === tag || held.tag === '', each);
  }

  /** What waits too long. */
  sweep(nowMs: number, each: (flow: Flow, index: MessageIndex) => void): void {
    this.#take(({ heldAtMs }) => nowMs - heldAtMs >= HELD_MS_MAX, each);
  }

  #take(isDue: (held: Held) => boolean, each: (flow: Flow, index: MessageIndex) => void): void {
    if (this.#held.length === 0) return;
    const due = this.#held.filter(isDue);
    this.#held = this.#held.filter((held) => !isDue(held));
    for (const { flow, partner, bytes } of due) {
      this.#heldBytes.giveBack(partner, bytes.length);
      if (flow.isClosed) continue;
      this.#index.scan(bytes, 0, bytes.length);
      each(flow, this.#index);
    }
  }
}
