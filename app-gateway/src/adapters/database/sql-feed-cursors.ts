import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Kysely, sql } from 'kysely';
import type { FeedCursors } from '../../ports/feed-cursors.ts';
import { causeText } from './store-failure.ts';
import type { Tables } from './tables.ts';

/** Adapter. Cursors of feeds beside the ledger that they point into, so that every gateway finds them. */
export class SqlFeedCursors implements FeedCursors {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  load(destination: string): Promise<Result<number | undefined, string>> {
    return attempt(async () => {
      const { rows } = await sql<{ readonly next: number }>`
        select next from audit_feed where destination = ${destination}`.execute(this.#db);
      return rows[0]?.next;
    });
  }

  save(destination: string, next: number): Promise<Result<undefined, string>> {
    return attempt(async () => {
      await sql`
        insert into audit_feed (destination, next) values (${destination}, ${next})
        on conflict (destination) do update set next = excluded.next`.execute(this.#db);
      return undefined;
    });
  }
}

async function attempt<T>(run: () => Promise<T>): Promise<Result<T, string>> {
  try {
    return ok(await run());
  } catch (cause) {
    return err(causeText(cause));
  }
}
