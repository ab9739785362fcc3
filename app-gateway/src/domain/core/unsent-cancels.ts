import type { ClientTry } from './proxied-request.ts';

/** So long after one that could not be sent the way is looked for again. */
const AGAIN_MS = 500;

/**
 * CANCELs that found no way to where it rings, as while an inner server starts again: sent as soon as there is one, until
 * the try is over. An INVITE that rings outlives its connection, and nobody else can stop it (RFC 3261 §9.1).
 */
export class UnsentCancels {
  readonly #send: (client: ClientTry) => void;
  #waiting: ClientTry[] = [];
  #dueMs = 0;

  /** `send` gives one back with `later` where there is no way still. */
  constructor(send: (client: ClientTry) => void) {
    this.#send = send;
  }

  later(client: ClientTry): void {
    this.#waiting.push(client);
  }

  advance(nowMs: number): void {
    if (this.#waiting.length === 0 || nowMs < this.#dueMs) return;
    this.#dueMs = nowMs + AGAIN_MS;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const client of waiting) {
      if (client.state === 'proceeding' && client.request.current === client) this.#send(client);
    }
  }
}
