import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import type { Origin } from '../signalling.ts';

interface Held {
  readonly text: string;
  readonly origin: Origin;
  readonly exchange: number;
}

/** Inner servers ask a few times a minute each. */
const HELD_MAX = 1000;
/** Far more than that many need, unless they have bodies. */
const HELD_BYTES_MAX = 4_194_304;

/** Requests that are asked anew a little later, when there may be a better answer. */
export class HeldQuestions {
  readonly #ask: (index: MessageIndex, origin: Origin, exchange: number) => void;
  readonly #index: MessageIndex;
  #held: Held[] = [];
  #heldBytes = 0;

  constructor(
    limits: MessageLimits,
    ask: (index: MessageIndex, origin: Origin, exchange: number) => void,
  ) {
    this.#index = new MessageIndex(limits);
    this.#ask = ask;
  }

  /** False where there is no room. */
  hold(index: MessageIndex, origin: Origin, exchange: number): boolean {
    const bytes = index.end - index.start;
    if (this.#held.length >= HELD_MAX || this.#heldBytes + bytes > HELD_BYTES_MAX) return false;
    this.#heldBytes += bytes;
    this.#held.push({ text: index.text(), origin, exchange });
    return true;
  }

  /** All of them come as if it were now, in their order. */
  release(): void {
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const { text, origin, exchange } of held) {
      const bytes = Buffer.from(text, 'latin1');
      this.#index.scan(bytes, 0, bytes.length);
      this.#ask(this.#index, origin, exchange);
    }
  }
}
