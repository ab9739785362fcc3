import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Kysely, sql } from 'kysely';
import type { FeedCursors } from '../../ports/feed-cursors.ts';
import { causeText } from './store-failure.ts';
import type { Tables } from './tables.ts';

/**
 * Adapter. Cursors of feeds beside the ledger that they point into, so that every gateway finds them.
 *
 * Claims end by the database's clock, which is one for all gateways.
 */
export class SqlFeedCursors implements FeedCursors {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  claim(destination: string, node: string): Promise<Result<{ next: number } | undefined, string>> {
    return attempt(async () => {
      const { rows } = await sql<{ next: number }>`
        insert into audit_feed as feed (destination, next, node, claimed_until)
        values (${destination}, 0, ${node}, clock_timestamp() + interval '90 seconds')
        on conflict (destination) do update
          set node = excluded.node, claimed_until = excluded.claimed_until
          where feed.node = excluded.node or feed.claimed_until < clock_timestamp()
        returning next`.execute(this.#db);
      return rows[0];
    });
  }

  save(destination: string, node: string, next: number): Promise<Result<boolean, string>> {
    return attempt(async () => {
      const { rows } = await sql`
        update audit_feed set next = ${next}
        where destination = ${destination} and node = ${node}
        returning next`.execute(this.#db);
      return rows.length > 0;
    });
  }

  release(destination: string, node: string): Promise<Result<undefined, string>> {
    return attempt(async () => {
      await sql`
        update audit_feed set claimed_until = '-infinity'
        where destination = ${destination} and node = ${node}`.execute(this.#db);
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
