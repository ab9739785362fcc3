import { DATABASE_AGE_MAX } from '../config/database-schema.ts';
import type { StateStore } from '../ports/state-store.ts';

export interface DatabaseAgeWatchOptions {
  readonly store: Pick<StateStore, 'age'>;
  readonly nowMs: () => number;
  /** At the first look behind half of its life, and once a day from then on; `isLate` in the last tenth. */
  readonly warned: (age: number, isLate: boolean) => void;
  readonly failed: (code: string) => void;
}

const DAY_MS = 86_400_000;
const LATE_AGE = 0.9 * DATABASE_AGE_MAX;

/** From this age on somebody should see to a database: years before its end where it is embedded, a fault where it is a server's. */
export const WORN_AGE = DATABASE_AGE_MAX / 2;

/** Looks how far a database is from the end of its transaction numbers. */
export class DatabaseAgeWatch {
  readonly #options: DatabaseAgeWatchOptions;
  #age: number | undefined;
  #warnedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: DatabaseAgeWatchOptions) {
    this.#options = options;
  }

  /** As it was at the last look that found it. */
  get age(): number | undefined {
    return this.#age;
  }

  /** One look; never throws. */
  async look(): Promise<void> {
    const { store, nowMs, warned, failed } = this.#options;
    const age = await store.age();
    if (!age.ok) return failed(age.error.code);
    this.#age = age.value;
    if (age.value < WORN_AGE || nowMs() < this.#warnedAtMs + DAY_MS) return;
    this.#warnedAtMs = nowMs();
    warned(age.value, age.value >= LATE_AGE);
  }
}
