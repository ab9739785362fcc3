import type { GapCode } from './gap.ts';
import type { SealedStream } from './sealed-stream.ts';

export interface RecordedShareOptions {
  /** So many of a kind have a record each, in one window. */
  readonly max: number;
  readonly windowMs: number;
  /** What the others are counted under. */
  readonly code: GapCode;
}

/** Of a flood of refusals the first ones of each kind have a record each, and the others are counted: nobody fills the ledger with them. */
export class RecordedShare {
  readonly #stream: SealedStream;
  readonly #wallMs: () => number;
  readonly #options: RecordedShareOptions;
  /** By kind, in the window that runs. */
  readonly #refused = new Map<string, number>();
  #window = 0;

  constructor(stream: SealedStream, wallMs: () => number, options: RecordedShareOptions) {
    this.#stream = stream;
    this.#wallMs = wallMs;
    this.#options = options;
  }

  /**
   * Whether one more that was refused for `reason` is to have a record. What is refused only because nothing can be kept is
   * counted at once; `kind` is the note of the others that are counted, and of each code there are few.
   */
  takes(reason: string, kind: string): boolean {
    if (!this.#stream.isOpen) return false;
    const wallMs = this.#wallMs();
    if (reason === 'audit-full') {
      this.#stream.leaveOut('refused-while-full', 1, wallMs, wallMs);
      return false;
    }
    const { max, windowMs, code } = this.#options;
    const window = Math.floor(wallMs / windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#refused.clear();
    }
    const refused = (this.#refused.get(kind) ?? 0) + 1;
    this.#refused.set(kind, refused);
    if (refused <= max) return true;
    this.#stream.leaveOut(code, 1, wallMs, wallMs, kind);
    return false;
  }
}
