import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Author, ChangeEvent } from '../../domain/exchange/change-event.ts';
import type { Sighting } from '../../domain/exchange/sighting/sighting.ts';
import type { BodyStore } from '../../ports/body-store.ts';
import type { FeedCursors } from '../../ports/feed-cursors.ts';
import type { LedgerStore } from '../../ports/ledger-store.ts';
import type { ArchiveRows, StateArchive } from '../../ports/state-archive.ts';
import type {
  EventQuery,
  State,
  StateChange,
  StateStore,
  StoreFailure,
} from '../../ports/state-store.ts';
import { present } from './present.ts';
import { readState } from './read-state.ts';
import { SqlArchive } from './sql-archive.ts';
import { SqlBodyStore } from './sql-body-store.ts';
import { SqlFeedCursors } from './sql-feed-cursors.ts';
import { SqlLedgerStore } from './sql-ledger-store.ts';
import { type RestoreFailure, restoreRows } from './sql-restore.ts';
import { unavailable } from './store-failure.ts';
import type { Tables } from './tables.ts';
import { writeApprovals, writeEvents, writeRecords } from './write-change.ts';

/** What commits are announced on to the other gateways. */
export const REVISION_CHANNEL = 'sallyport_revision';

const EVENTS_MAX = 1000;

/**
 * Adapter. The state in SQL, the same statements for PGlite in this process and for PostgreSQL.
 *
 * Whoever changes something holds the lock on the one row of `site_revision` until the end of the
 * transaction: changes come one after another, and events are numbered without gaps.
 */
export class SqlStateStore implements StateStore {
  /** The ledger in the same database; it ends with this store. */
  readonly ledger: LedgerStore;
  readonly feedCursors: FeedCursors;
  readonly bodies: BodyStore;
  /** All of it, for a backup. */
  readonly archive: StateArchive;
  readonly #db: Kysely<Tables>;
  readonly #release: () => Promise<void>;
  readonly #watchers = new Set<(revision: number) => void>();
  #announced = 0;
  #closing: Promise<void> | undefined;

  /** `release` gives back what lives beside the connections: a folder's lock, a listening connection. */
  constructor(db: Kysely<Tables>, release: () => Promise<void>) {
    this.ledger = new SqlLedgerStore(db);
    this.feedCursors = new SqlFeedCursors(db);
    this.bodies = new SqlBodyStore(db);
    this.archive = new SqlArchive(db);
    this.#db = db;
    this.#release = release;
  }

  /** Puts a copy into this database, which must be new: all of it, or nothing. */
  restore(rows: AsyncIterable<ArchiveRows>): Promise<Result<undefined, RestoreFailure>> {
    return restoreRows(this.#db, rows);
  }

  load(): Promise<Result<State, StoreFailure>> {
    return attempt(() => readState(this.#db));
  }

  async commit(
    expectedRevision: number,
    change: StateChange,
    nowMs: number,
  ): Promise<Result<number, StoreFailure>> {
    const done = await attempt(() =>
      this.#db.transaction().execute(async (db) => {
        const { revision, eventSequence } = await db
          .selectFrom('siteRevision')
          .select(['revision', 'eventSequence'])
          .forUpdate()
          .executeTakeFirstOrThrow();
        if (revision !== expectedRevision) throw new NotDone('conflict');
        if (!(await writeApprovals(db, change.events))) throw new NotDone('replayed');
        await writeRecords(db, change);
        await writeEvents(db, change.events, eventSequence);
        const next = Math.max(nowMs, revision + 1);
        await db
          .updateTable('siteRevision')
          .set({ revision: next, eventSequence: eventSequence + change.events.length })
          .execute();
        await sql`select pg_notify(${REVISION_CHANNEL}, ${String(next)})`.execute(db);
        return next;
      }),
    );
    if (done.ok) this.announce(done.value);
    return done;
  }

  events({
    subject,
    by,
    beforeSequence,
    limit,
  }: EventQuery): Promise<Result<readonly ChangeEvent[], StoreFailure>> {
    return attempt(async () => {
      let query = this.#db
        .selectFrom('changeEvent')
        .leftJoin('approval', (join) =>
          join
            .onRef('approval.operator', '=', 'changeEvent.operator')
            .onRef('approval.payloadSha256', '=', 'changeEvent.payloadSha256'),
        )
        .selectAll('changeEvent')
        .select(['approval.payload', 'approval.signature'])
        .orderBy('sequence', 'desc')
        .limit(Math.max(0, Math.min(limit, EVENTS_MAX)));
      if (subject !== undefined) query = query.where('subject', '=', subject);
      if (by !== undefined) query = query.where('changeEvent.operator', '=', by);
      if (beforeSequence !== undefined) query = query.where('sequence', '<', beforeSequence);
      return (await query.execute()).map(eventOf);
    });
  }

  recordSightings(sightings: readonly Sighting[]): Promise<Result<undefined, StoreFailure>> {
    return attempt(() =>
      this.#db.transaction().execute(async (db) => {
        // In one order everywhere: two gateways that add up the same rows must not wait for each other.
        for (const sighting of [...sightings].sort(bySightingKey)) await addSighting(db, sighting);
        return undefined;
      }),
    );
  }

  sightings(partner: string | undefined): Promise<Result<readonly Sighting[], StoreFailure>> {
    return attempt(async () => {
      const query = this.#db
        .selectFrom('sighting')
        .selectAll()
        .orderBy('partner')
        .orderBy('lastAtMs', 'desc')
        .orderBy('key')
        .orderBy('spki');
      const wanted = partner === undefined ? query : query.where('partner', '=', partner);
      return (await wanted.execute()).map(present);
    });
  }

  /** Of the oldest database there, templates among them: it is the one that stops all. */
  age(): Promise<Result<number, StoreFailure>> {
    return attempt(async () => {
      const oldest = sql<{ age: number }>`select max(age(datfrozenxid)) as age from pg_database`;
      return (await oldest.execute(this.#db)).rows[0]?.age ?? 0;
    });
  }

  watch(changed: (revision: number) => void): () => void {
    // A function of its own: the same callback given twice is two watches.
    const watcher = (revision: number) => changed(revision);
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Tells the watchers of a revision, from here or from another gateway, once. */
  announce(revision: number): void {
    if (revision <= this.#announced) return;
    this.#announced = revision;
    for (const watcher of [...this.#watchers]) watcher(revision);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#watchers.clear();
    // A connection that ends badly is gone as well.
    await this.#db.destroy().catch(() => undefined);
    await this.#release();
  }
}

/** Leaves a transaction without a trace. */
class NotDone extends Error {
  readonly code: 'conflict' | 'replayed';
  constructor(code: 'conflict' | 'replayed') {
    super(code);
    this.code = code;
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<Result<T, StoreFailure>> {
  try {
    return ok(await work());
  } catch (cause) {
    return err(cause instanceof NotDone ? { code: cause.code } : unavailable(cause));
  }
}

function bySightingKey(a: Sighting, b: Sighting): number {
  const key = (one: Sighting) => `${one.partner} ${one.direction} ${one.key} ${one.spki}`;
  return key(a) < key(b) ? -1 : 1;
}

async function addSighting(db: Kysely<Tables>, sighting: Sighting): Promise<void> {
  const { partner, direction, key, spki, firstAtMs, lastAtMs } = sighting;
  const { handshakes, lastSource, lastProxy } = sighting;
  const isLater = sql<boolean>`excluded.last_at_ms >= sighting.last_at_ms`;
  await db
    .insertInto('sighting')
    .values({
      partner,
      direction,
      key,
      spki,
      firstAtMs,
      lastAtMs,
      handshakes,
      lastSource,
      lastProxy,
      notAfterMs: sighting.notAfterMs ?? null,
    })
    .onConflict((conflict) =>
      conflict.columns(['partner', 'direction', 'key', 'spki']).doUpdateSet({
        firstAtMs: sql`least(sighting.first_at_ms, excluded.first_at_ms)`,
        lastAtMs: sql`greatest(sighting.last_at_ms, excluded.last_at_ms)`,
        handshakes: sql`sighting.handshakes + excluded.handshakes`,
        lastSource: sql`case when ${isLater} then excluded.last_source else sighting.last_source end`,
        lastProxy: sql`case when ${isLater} then excluded.last_proxy else sighting.last_proxy end`,
        notAfterMs: sql`coalesce(case when ${isLater} then excluded.not_after_ms end, sighting.not_after_ms, excluded.not_after_ms)`,
      }),
    )
    .execute();
}

type EventRow = Selectable<Tables['changeEvent']> & {
  readonly payload: string | null;
  readonly signature: string | null;
};

function eventOf(row: EventRow): ChangeEvent {
  const { sequence, atMs, kind, subject, detail } = row;
  return { sequence, atMs, author: authorOf(row), kind, subject, detail };
}

function authorOf({ program, operator, payload, signature }: EventRow): Author {
  if (operator === null) return { kind: 'program', node: program ?? '' };
  return {
    kind: 'operator',
    approval: { operator, payload: payload ?? '', signature: signature ?? '' },
  };
}
