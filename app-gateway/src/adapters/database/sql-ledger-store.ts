import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type {
  Appended,
  LedgerDay,
  LedgerEntry,
  LedgerFailure,
  LedgerHead,
  LedgerQuery,
  LedgerStore,
  LedgerStream,
  LegalHold,
  RecordSpan,
  StoredCheckpoint,
  Thinned,
  TimeSpan,
  TypeCount,
} from '../../ports/ledger-store.ts';
import { forgetDigests } from './digest-conditions.ts';
import { appendSpans, dayTable, lockLedger } from './ledger-append.ts';
import { attempt, NotDone } from './ledger-attempt.ts';
import type { LedgerMemory } from './ledger-memory.ts';
import {
  readCheckpoints,
  readDays,
  readEntries,
  readHolds,
  readReferring,
  readStreams,
  readTile,
  readTold,
  readTypeCounts,
  searchEntries,
} from './ledger-read.ts';
import { dropBodies } from './sql-body-store.ts';
import { SqlDayDigests } from './sql-day-digests.ts';
import { SqlSearchedMender } from './sql-searched-mender.ts';
import { SqlSearchedTables } from './sql-searched-tables.ts';
import type { Tables } from './tables.ts';
import { thinCheckpoints } from './thin-checkpoints.ts';

/** So long whoever has claimed changes of the state has them to himself. */
const CLAIM_MS = 60_000;

/** Tables whose rows are written anew with every batch, or thinned out. The embedded database never tidies up by itself. */
const UNTIDY = [
  ...['audit_tile', 'audit_head', 'audit_stream', 'audit_day', 'audit_type_count'],
  ...['audit_checkpoint', 'audit_cosignature', 'audit_digest'],
];

/** Adapter. The ledger in SQL, the same statements for PGlite in this process and for PostgreSQL. */
export class SqlLedgerStore implements LedgerStore {
  readonly searched: SqlSearchedTables;
  readonly mender: SqlSearchedMender;
  readonly #db: Kysely<Tables>;
  readonly #digests: SqlDayDigests;
  #memory: LedgerMemory | undefined;
  /** The ledger as this process has left it, to its knowledge: what it goes on from must begin with that. */
  #last: LedgerHead | undefined;

  constructor(db: Kysely<Tables>) {
    this.searched = new SqlSearchedTables(db);
    this.mender = new SqlSearchedMender(db);
    this.#db = db;
    this.#digests = new SqlDayDigests(db);
  }

  async append(
    spans: readonly RecordSpan[],
    nowMs: number,
  ): Promise<Result<Appended, LedgerFailure>> {
    const remembered = this.#memory;
    // Until the transaction is through, what it makes of the tree is true for nobody.
    this.#memory = undefined;
    const done = await attempt(() =>
      this.#db.transaction().execute(async (db) => {
        const batch = await appendSpans(db, spans, nowMs, remembered, this.#last);
        if (!batch.ok) throw new NotDone(batch.error);
        return batch.value;
      }),
    );
    if (!done.ok) return done;
    this.#memory = done.value.memory;
    this.#last = done.value.appended.head;
    return ok(done.value.appended);
  }

  head(): Promise<Result<LedgerHead, LedgerFailure>> {
    return attempt(async () => {
      const { rows } = await sql<LedgerHead>`select size, root from audit_head`.execute(this.#db);
      if (rows[0] === undefined) throw damaged('the head is missing');
      return { size: rows[0].size, root: Buffer.from(rows[0].root) };
    });
  }

  entries(from: number, to: number): Promise<Result<readonly LedgerEntry[], LedgerFailure>> {
    return attempt(() => readEntries(this.#db, from, to));
  }

  told(
    types: readonly number[],
    from: number,
    to: number,
  ): Promise<Result<readonly LedgerEntry[], LedgerFailure>> {
    return attempt(() => readTold(this.#db, types, from, to));
  }

  search(query: LedgerQuery): Promise<Result<readonly LedgerEntry[], LedgerFailure>> {
    return attempt(() => searchEntries(this.#db, query));
  }

  referring(
    requests: readonly Pick<LedgerEntry, 'source' | 'seq'>[],
  ): Promise<Result<readonly LedgerEntry[], LedgerFailure>> {
    return attempt(() => readReferring(this.#db, requests));
  }

  streams(): Promise<Result<readonly LedgerStream[], LedgerFailure>> {
    return attempt(() => readStreams(this.#db));
  }

  tile(level: number, tile: number): Promise<Result<Buffer | undefined, LedgerFailure>> {
    return attempt(() => readTile(this.#db, level, tile));
  }

  addCheckpoint(
    size: number,
    note: string,
    nowMs: number,
  ): Promise<Result<undefined, LedgerFailure>> {
    return this.#run(
      () => sql`insert into audit_checkpoint (size, at_ms, note) values (${size}, ${nowMs}, ${note})
        on conflict (size) do nothing`,
    );
  }

  addCosignature(
    size: number,
    name: string,
    line: string,
  ): Promise<Result<undefined, LedgerFailure>> {
    return this.#run(
      () => sql`insert into audit_cosignature (size, name, line) values (${size}, ${name}, ${line})
        on conflict (size, name) do nothing`,
    );
  }

  checkpoints(query: {
    readonly belowSize?: number;
    readonly limit: number;
  }): Promise<Result<readonly StoredCheckpoint[], LedgerFailure>> {
    return attempt(() => readCheckpoints(this.#db, query));
  }

  thinCheckpoints(after: number, beforeMs: number): Promise<Result<Thinned, LedgerFailure>> {
    return attempt(() =>
      this.#db.transaction().execute((db) => thinCheckpoints(db, after, beforeMs)),
    );
  }

  days(): Promise<Result<readonly LedgerDay[], LedgerFailure>> {
    return attempt(() => readDays(this.#db));
  }

  typeCounts(span: TimeSpan): Promise<Result<readonly TypeCount[], LedgerFailure>> {
    return attempt(() => readTypeCounts(this.#db, span));
  }

  dropDay(day: string, nowMs: number): Promise<Result<undefined, LedgerFailure>> {
    return attempt(() =>
      this.#db.transaction().execute(async (db) => {
        await lockLedger(db);
        // The newest day still grows.
        const { rows } = await sql<{ readonly isKept: boolean }>`select
            exists (select 1 from audit_hold
              where lifted_at_ms is null and ${day}::date between first_day and last_day)
            or not exists (select 1 from audit_head h join audit_day d on d.day = ${day}::date
              where d.day < h.day and d.dropped_at_ms is null) as is_kept`.execute(db);
        if (rows[0]?.isKept !== false) throw new NotDone({ code: 'conflict' });
        await sql`drop table if exists ${sql.table(dayTable(day))}`.execute(db);
        await sql`delete from audit_type_count where day = ${day}::date`.execute(db);
        await dropBodies(db, day);
        await forgetDigests(db, [day]);
        await sql`update audit_day set dropped_at_ms = ${nowMs} where day = ${day}::date`.execute(
          db,
        );
        return undefined;
      }),
    );
  }

  digestDays(): Promise<Result<boolean, LedgerFailure>> {
    return attempt(() => this.#digests.makeOn());
  }

  holds(): Promise<Result<readonly LegalHold[], LedgerFailure>> {
    return attempt(() => readHolds(this.#db));
  }

  setHold(
    hold: Omit<LegalHold, 'liftedBy' | 'liftedAtMs'>,
  ): Promise<Result<undefined, LedgerFailure>> {
    return attempt(() =>
      this.#db.transaction().execute(async (db) => {
        // A day that is being dropped now is not under this hold.
        await lockLedger(db);
        const { rows } = await sql`${holdRow(hold)}
          on conflict (name) do nothing returning name`.execute(db);
        if (rows.length === 0) throw new NotDone({ code: 'conflict' });
        return undefined;
      }),
    );
  }

  putBackHold(
    hold: Omit<LegalHold, 'liftedBy' | 'liftedAtMs'>,
  ): Promise<Result<undefined, LedgerFailure>> {
    return attempt(() =>
      this.#db.transaction().execute(async (db) => {
        await lockLedger(db);
        await sql`${holdRow(hold)}
          on conflict (name) do update set
            first_day = least(audit_hold.first_day, excluded.first_day),
            last_day = greatest(audit_hold.last_day, excluded.last_day),
            lifted_by = null, lifted_at_ms = null`.execute(db);
        return undefined;
      }),
    );
  }

  liftHold(
    name: string,
    liftedBy: string,
    nowMs: number,
  ): Promise<Result<undefined, LedgerFailure>> {
    return attempt(async () => {
      const { rows } = await sql`
        update audit_hold set lifted_by = ${liftedBy}, lifted_at_ms = ${nowMs}
        where name = ${name} and lifted_at_ms is null returning name`.execute(this.#db);
      if (rows.length === 0) throw new NotDone({ code: 'conflict' });
      return undefined;
    });
  }

  claimChanges(
    last: number,
    node: string,
    nowMs: number,
  ): Promise<Result<{ readonly after: number } | undefined, LedgerFailure>> {
    return attempt(async () => {
      // Who was lost while he was at it is not waited for.
      const { rows } = await sql<{ readonly after: number }>`update audit_copy
        set claimed = ${last}, claimed_by = ${node}, claimed_at_ms = ${nowMs}
        where copied < ${last} and
          (claimed <= copied or claimed_by = ${node} or claimed_at_ms < ${nowMs - CLAIM_MS})
        returning copied as after`.execute(this.#db);
      return rows[0];
    });
  }

  changesCopied(last: number): Promise<Result<undefined, LedgerFailure>> {
    return this.#run(() => sql`update audit_copy set copied = greatest(copied, ${last})`);
  }

  tidy(): Promise<Result<undefined, LedgerFailure>> {
    return attempt(async () => {
      for (const table of UNTIDY) await sql`vacuum ${sql.table(table)}`.execute(this.#db);
      return undefined;
    });
  }

  #run(statement: () => ReturnType<typeof sql>): Promise<Result<undefined, LedgerFailure>> {
    return attempt(async () => {
      await statement().execute(this.#db);
      return undefined;
    });
  }
}

function damaged(reason: string): NotDone {
  return new NotDone({ code: 'damaged', reason });
}

function holdRow({
  name,
  firstDay,
  lastDay,
  reason,
  setBy,
  setAtMs,
}: Omit<LegalHold, 'liftedBy' | 'liftedAtMs'>): RawBuilder<unknown> {
  return sql`insert into audit_hold (name, first_day, last_day, reason, set_by, set_at_ms)
    values (${name}, ${firstDay}::date, ${lastDay}::date, ${reason}, ${setBy}, ${setAtMs})`;
}
