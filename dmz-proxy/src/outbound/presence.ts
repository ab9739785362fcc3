import { setMaxListeners } from 'node:events';

/**
 * That a partner is one: whatever is on its way to it hears when it is one no more.
 *
 * A dial listens to the signal. Requests, of which tens of thousands may wait, are in a set: a signal goes through all its
 * listeners for each that comes or goes.
 */
export class Presence {
  readonly #ended = new AbortController();
  readonly #waiting = new Set<() => void>();

  constructor() {
    // As many as there may be dials to one partner.
    setMaxListeners(0, this.signal);
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Something waits for the partner, until `leave`; it is told if the partner goes before. */
  enter(gone: () => void): void {
    this.#waiting.add(gone);
  }

  leave(gone: () => void): void {
    this.#waiting.delete(gone);
  }

  end(): void {
    this.#ended.abort();
    for (const gone of this.#waiting) gone();
    this.#waiting.clear();
  }
}
