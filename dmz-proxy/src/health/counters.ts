/** The longest name that a metrics frame takes. */
const NAME_CHARACTERS_MAX = 64;

/** Counts by name since the worker started; what metrics, health and tests read. */
export class Counters {
  /** A map: names put together at each call would have to be made unique strings to be property names. */
  readonly #counts = new Map<string, number>();

  /** Names are codes of ours: a bounded set, never a peer's text. */
  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  read(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#counts].map(([name, count]) => [name.slice(0, NAME_CHARACTERS_MAX), count]),
    );
  }
}
