import type { Line } from './pair-line.ts';
import { requestText } from './pair-message.ts';

/** Messages that follow each other, several abreast, until it is stopped; then it tells how many got what. */
export class Traffic {
  readonly statuses = new Map<number, number>();
  readonly #line: Line;
  readonly #streams: readonly Promise<void>[];
  #isOn = true;

  constructor(line: Line, abreast: number) {
    this.#line = line;
    this.#streams = Array.from({ length: abreast }, () => this.#stream());
  }

  async stop(): Promise<ReadonlyMap<number, number>> {
    this.#isOn = false;
    await Promise.all(this.#streams);
    return this.statuses;
  }

  async #stream(): Promise<void> {
    while (this.#isOn) {
      const { status } = await this.#line.ask(requestText('MESSAGE'));
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    }
  }
}
