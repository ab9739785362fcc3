import type { Result } from '@sallyport/shared/result.ts';
import { type Kysely, sql } from 'kysely';
import type { BodyStore, KeyErasure, SealedBody } from '../../ports/body-store.ts';
import type { LedgerFailure } from '../../ports/ledger-store.ts';
import { lockLedger } from './ledger-append.ts';
import { attempt } from './ledger-attempt.ts';
import type { Tables } from './tables.ts';

/** Adapter. Sealed bodies in SQL, beside the ledger and with the same statements for both databases. */
export class SqlBodyStore implements BodyStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  takeDayKey(day: string, offered: string): Promise<Result<string | undefined, LedgerFailure>> {
    return attempt(async () => {
      await sql`insert into audit_day_key (day, sealed_key) values (${day}::date, ${offered})
        on conflict (day) do nothing`.execute(this.#db);
      return keyOf(this.#db, day);
    });
  }

  dayKey(day: string): Promise<Result<string | undefined, LedgerFailure>> {
    return attempt(() => keyOf(this.#db, day));
  }

  erasable(day: string): Promise<Result<KeyErasure, LedgerFailure>> {
    return attempt(() => erasureOf(this.#db, day));
  }

  async eraseDayKey(day: string, nowMs: number): Promise<Result<KeyErasure, LedgerFailure>> {
    const done = await attempt(() =>
      this.#db.transaction().execute(async (db) => {
        // A hold that is being set now is waited for.
        await lockLedger(db);
        const erasure = await erasureOf(db, day);
        if (erasure === 'erased') {
          await sql`update audit_day_key set sealed_key = null, erased_at_ms = ${nowMs}
            where day = ${day}::date`.execute(db);
        }
        return erasure;
      }),
    );
    if (!done.ok || done.value !== 'erased') return done;
    // Until the table is written anew, the old row is still in its file.
    const rewritten = await attempt(() => sql`vacuum full audit_day_key`.execute(this.#db));
    return rewritten.ok ? done : rewritten;
  }

  addBodies(bodies: readonly SealedBody[]): Promise<Result<undefined, LedgerFailure>> {
    return attempt(() =>
      this.#db.transaction().execute(async (db) => {
        for (const { hash, day, octets } of bodies) {
          await sql`insert into audit_body (hash, day, octets)
            values (${hash}, ${day}::date, ${octets}) on conflict (hash) do nothing`.execute(db);
        }
        return undefined;
      }),
    );
  }

  body(hash: Uint8Array): Promise<Result<Buffer | undefined, LedgerFailure>> {
    return attempt(async () => {
      const { rows } = await sql<{ readonly octets: Uint8Array }>`select octets from audit_body
        where hash = ${Buffer.from(hash)}`.execute(this.#db);
      return rows[0] && Buffer.from(rows[0].octets);
    });
  }
}

/** Takes away what was said until the end of a day and is under no hold: records of the same words may be of the day after. */
export async function dropBodies(db: Kysely<Tables>, day: string): Promise<void> {
  for (const table of ['audit_body', 'audit_day_key']) {
    await sql`delete from ${sql.table(table)} as gone where gone.day <= ${day}::date
      and not exists (select 1 from audit_hold
        where lifted_at_ms is null and gone.day between first_day and last_day)`.execute(db);
  }
}

async function keyOf(db: Kysely<Tables>, day: string): Promise<string | undefined> {
  const { rows } = await sql<{ readonly sealedKey: string | null }>`
    select sealed_key from audit_day_key where day = ${day}::date`.execute(db);
  return rows[0]?.sealedKey ?? undefined;
}

async function erasureOf(db: Kysely<Tables>, day: string): Promise<KeyErasure> {
  const { rows } = await sql<{ readonly isHeld: boolean }>`
    select exists (select 1 from audit_hold
      where lifted_at_ms is null and ${day}::date between first_day and last_day) as is_held
    from audit_day_key where day = ${day}::date and sealed_key is not null`.execute(db);
  if (rows[0] === undefined) return 'none';
  return rows[0].isHeld ? 'held' : 'erased';
}
