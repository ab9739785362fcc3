import { ok, type Result } from '@sallyport/shared/result.ts';
import type { ChangeEvent } from '../../domain/exchange/change-event.ts';
import type { StateStore, StoreFailure } from '../../ports/state-store.ts';

/**
 * Tells whether a database goes on from the history that this process has taken over last.
 *
 * One that was set back under a running gateway, by a replica that was a second behind or a dump of last night, lets in
 * again whom somebody has cut off since. Its own numbers do not tell: its next change has a later one.
 */
export class StateLineage {
  readonly #store: Pick<StateStore, 'events'>;
  #seen: ChangeEvent | undefined;

  constructor(store: Pick<StateStore, 'events'>) {
    this.#store = store;
  }

  /** The change that the database has no more, or another one in its place; undefined: it goes on, up to its newest. */
  async lost(): Promise<Result<ChangeEvent | undefined, StoreFailure>> {
    const seen = this.#seen;
    if (seen !== undefined) {
      const there = await this.#store.events({ beforeSequence: seen.sequence + 1, limit: 1 });
      if (!there.ok) return there;
      if (!isSame(seen, there.value[0])) return ok(seen);
    }
    const newest = await this.#store.events({ limit: 1 });
    if (!newest.ok) return newest;
    this.#seen = newest.value[0] ?? seen;
    return ok(undefined);
  }
}

function isSame(one: ChangeEvent, other: ChangeEvent | undefined): boolean {
  return (
    one.sequence === other?.sequence &&
    one.atMs === other.atMs &&
    one.kind === other.kind &&
    one.subject === other.subject
  );
}
