import { setTimeout as delay } from 'node:timers/promises';
import type { Pair } from '../../integration/support/pair.ts';
import type { Line } from '../../integration/support/pair-line.ts';
import { requestText } from '../../integration/support/pair-message.ts';

const ANSWER_MS = 20_000;
const RETRY_MS = 50;

/**
 * A partner that writes message after message, comes back whenever its connection is lost, and remembers the
 * Call-ID of each message that it saw a final answer to.
 */
export class AccountablePartner {
  /** Status by Call-ID. */
  readonly answered = new Map<string, number>();
  /** Messages whose connection ended before their answer came: whoever sent them knows nothing. */
  unanswered = 0;
  readonly #pair: Pair;
  readonly #name: string;
  readonly #done: Promise<void>;
  #isOn = true;
  #line: Line | undefined;

  constructor(pair: Pair, name: string) {
    this.#pair = pair;
    this.#name = name;
    this.#done = this.#write();
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#done;
  }

  /** Waits for nothing any more. */
  async close(): Promise<void> {
    this.#isOn = false;
    this.#line?.end();
    await this.#done;
  }

  async #write(): Promise<void> {
    for (let number = 0; this.#isOn; number++) {
      if (this.#line === undefined || this.#line.isClosed) this.#line = await this.#connect();
      if (this.#line === undefined) continue;
      await this.#ask(this.#line, `${this.#name}-${number}@globex.example`);
    }
    this.#line?.end();
  }

  async #ask(line: Line, callId: string): Promise<void> {
    const since = line.messages.length;
    const answer = () =>
      line.messages.slice(since).find((one) => one.isFinal && one.callId === callId);
    line.send(requestText('MESSAGE', { callId, body: 'x' }));
    await line.until(() => answer() !== undefined || line.isClosed, 'an answer', ANSWER_MS);
    const status = answer()?.status;
    if (status === undefined) this.unanswered++;
    else this.answered.set(callId, status);
    // Refused by an edge without a gateway: the next one shortly, as a peer would that respects Retry-After.
    if (status !== 200) await delay(RETRY_MS);
  }

  async #connect(): Promise<Line | undefined> {
    try {
      return await this.#pair.partner();
    } catch {
      await delay(RETRY_MS);
      return undefined;
    }
  }
}
