import type { Applied } from '../../commands/command-context.ts';

/** Who answers: one channel to one proxy worker. */
export interface Answering {
  readonly name: string;
}

interface Answer {
  readonly version: number;
  readonly accepted: boolean;
  readonly reason: string | undefined;
}

/** What the proxies said of the snapshots that they were sent, and who waits for that. */
export class SnapshotAnswers {
  readonly #answers = new Map<Answering, Answer>();
  readonly #waiting = new Set<() => void>();

  /** What it said of another snapshot is of no interest any more. */
  sent(channel: Answering): void {
    this.#answers.delete(channel);
  }

  answered(channel: Answering, version: number, accepted: boolean, reason: string | undefined) {
    this.#answers.set(channel, { version, accepted, reason });
    this.#wake();
  }

  /** A channel that is gone answers no more; the next one is sent the newest snapshot anyway. */
  closed(channel: Answering): void {
    this.#answers.delete(channel);
    this.#wake();
  }

  /** What these channels say of a version or a later one; those that say nothing in time have no reason. */
  async of(
    version: number,
    channels: () => Iterable<Answering>,
    withinMs: number,
  ): Promise<Applied['proxies']> {
    const isComplete = () =>
      [...channels()].every((channel) => this.#answerTo(version, channel) !== undefined);
    await this.#until(isComplete, withinMs);
    return [...channels()].map((channel) => {
      const answer = this.#answerTo(version, channel);
      if (answer === undefined) return { proxy: channel.name, accepted: false };
      const { accepted, reason } = answer;
      return { proxy: channel.name, accepted, ...(reason && { reason }) };
    });
  }

  /** A snapshot that could not be read is refused without its version. */
  #answerTo(version: number, channel: Answering): Answer | undefined {
    const answer = this.#answers.get(channel);
    return answer !== undefined && (answer.version >= version || !answer.accepted)
      ? answer
      : undefined;
  }

  #until(isComplete: () => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const check = () => {
        if (isComplete()) end();
      };
      const timer = setTimeout(end, withinMs);
      this.#waiting.add(check);
      check();
    });
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}
