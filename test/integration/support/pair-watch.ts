/** Nobody is this late on a busy machine; shorter than any wait of the programs that ends by a timer of 30 s. */
const WAIT_MS = 20_000;

/** Waits for what a test expects, looked at again whenever something has happened; no clock is polled. */
export class Watch {
  readonly #looks = new Set<() => void>();

  /** Something has happened. */
  look(): void {
    for (const look of this.#looks) look();
  }

  /** Throws, saying what was waited for, when it does not come true in time. */
  async until(isTrue: () => boolean, what: () => string, timeoutMs = WAIT_MS): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    const look = () => {
      if (isTrue()) resolve();
    };
    this.#looks.add(look);
    look();
    await promise;
    clearTimeout(timer);
    this.#looks.delete(look);
    if (!isTrue()) throw new Error(`waited ${timeoutMs} ms in vain: ${what()}`);
  }
}
