/**
 * A rate with a burst: `perSecond` tokens flow in, at most `burst` are kept.
 *
 * Time is an input and must come from a clock that does not jump (a monotonic one);
 * should it step back all the same, nothing is refilled for the step and the
 * bucket goes on from there. A rate of zero never refills. Taking allocates nothing.
 */
export class TokenBucket {
  #perSecond: number;
  #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Takes the tokens if all are there; a refused attempt takes none. */
  take(nowMs: number, tokens = 1): boolean {
    this.#refill(nowMs);
    if (this.#tokens < tokens) return false;
    this.#tokens -= tokens;
    return true;
  }

  /** Writes off what was taken somewhere else on the same account; a burst and a second's worth is the most that stays owed. */
  owe(nowMs: number, tokens: number): void {
    this.#refill(nowMs);
    this.#tokens = Math.max(-this.#burst - this.#perSecond, this.#tokens - tokens);
  }

  /** True when nothing has been taken that has not flowed back: the same as a new bucket. */
  isFull(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#tokens >= this.#burst;
  }

  /** New limits for the same peer: what it has used up stays used. */
  adjust(perSecond: number, burst: number, nowMs: number): void {
    this.#refill(nowMs);
    const used = this.#burst - this.#tokens;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = Math.max(Math.min(0, this.#tokens), burst - used);
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    this.#atMs = nowMs;
    if (elapsedMs <= 0) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsedMs * this.#perSecond) / 1000);
  }
}
