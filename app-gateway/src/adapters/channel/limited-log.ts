import type { LogFields, Logger } from '@sallyport/shared/io/json-log.ts';
import { BoundedMap } from '@sallyport/shared/net/bounded-map.ts';
import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';

/** Lines about one source, on average and at once. */
export interface LineRate {
  readonly linesPerSecond: number;
  readonly linesAtOnce: number;
}

/** An honest proxy sends 20 lines of one event a second at most. */
export const LINES_OF_PROXY: LineRate = { linesPerSecond: 100, linesAtOnce: 400 };

/** What is found out again every two seconds, and stays so until somebody does something about it. */
export const LINES_OF_STANDING_FAULT: LineRate = { linesPerSecond: 1 / 60, linesAtOnce: 3 };

const SOURCES_MAX = 1000;

interface Source {
  readonly bucket: TokenBucket;
  /** Lines that were left out since the last one. */
  suppressed: number;
}

/**
 * The operators' log for what a proxy makes us say: whoever owns its host must not fill our disk.
 *
 * The next line of a source that went too far says how many were left out.
 */
export class LimitedLog {
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #rate: LineRate;
  readonly #sources = new BoundedMap<string, Source>(SOURCES_MAX);

  constructor(log: Logger, nowMs: () => number, rate: LineRate) {
    this.#log = log;
    this.#nowMs = nowMs;
    this.#rate = rate;
  }

  write(level: keyof Logger, source: string, event: string, fields: LogFields): void {
    const known = this.#sourceOf(source);
    if (!known.bucket.take(this.#nowMs())) {
      known.suppressed += 1;
      return;
    }
    const { suppressed } = known;
    known.suppressed = 0;
    this.#log[level](event, suppressed === 0 ? fields : { suppressed, ...fields });
  }

  #sourceOf(name: string): Source {
    const { linesPerSecond, linesAtOnce } = this.#rate;
    return this.#sources.of(name, () => {
      const bucket = new TokenBucket(linesPerSecond, linesAtOnce, this.#nowMs());
      return { bucket, suppressed: 0 };
    });
  }
}
