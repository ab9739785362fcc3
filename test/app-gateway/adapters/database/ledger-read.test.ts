import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PGlite } from '@electric-sql/pglite';
import { columnNames } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { migrate } from '@sallyport/app-gateway/adapters/database/migrate.ts';
import { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import type { Tables } from '@sallyport/app-gateway/adapters/database/tables.ts';
import type { LedgerQuery } from '@sallyport/app-gateway/ports/ledger-store.ts';
import type { ArchivePlace } from '@sallyport/app-gateway/ports/state-archive.ts';
import { type CompiledQuery, Kysely, PGliteDialect } from 'kysely';
import { admitted, answered, NOON_MS, sourceOf } from '../../ports/audit-records.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { memoryDatabase } from './memory-database.ts';

const DAY_MS = 86_400_000;
const DAYS = 20;
/** A server has room for the locks of some 800 days, for all its connections together. */
const DAYS_AT_ONCE_MAX = 16;
const RECORDS_A_DAY = 20;
const SOURCE = sourceOf('edge-1');
const NEWEST = { order: 'newest-first', limit: 100 } as const;

describe('a ledger of many days', () => {
  let pglite: PGlite;
  let store: SqlStateStore;
  const statements: CompiledQuery[] = [];

  before(async () => {
    pglite = await memoryDatabase();
    const db = new Kysely<Tables>({
      dialect: new PGliteDialect({ pglite }),
      plugins: [columnNames()],
      log: ({ query }) => {
        statements.push(query);
      },
    });
    unwrap(await migrate(db));
    store = new SqlStateStore(db, async () => undefined);
    for (let day = 0; day < DAYS; day++) {
      const nowMs = NOON_MS + day * DAY_MS;
      const records = Array.from({ length: RECORDS_A_DAY / 2 }, (_, at) => {
        const seq = day * RECORDS_A_DAY + at * 2;
        return [
          admitted(seq, { callId: `c${seq}`, from: `sip:u${seq}@home.example` }, nowMs),
          answered(seq + 1, seq, 200, nowMs),
        ];
      });
      const span = { source: SOURCE, records: Buffer.concat(records.flat()) };
      unwrap(await store.ledger.append([span], nowMs));
    }
  });
  after(() => store.close());

  /** How the database would carry out what was asked of it meanwhile, where that reads records. */
  const plansOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    statements.length = 0;
    await work();
    const asked = statements.filter(({ sql }) =>
      /^(?:select|with|update)\b[\s\S]*\baudit_entry\b/u.test(sql),
    );
    assert.ok(asked.length > 0);
    const plans: string[] = [];
    for (const { sql, parameters } of asked) {
      const { rows } = await pglite.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [
        ...parameters,
      ]);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
    }
    return plans;
  };
  const daysIn = (plan: string) => new Set(plan.match(/\baudit_entry_\d{8}\b/gu)).size;
  const isOfFewDays = async (work: () => Promise<unknown>) => {
    const days = (await plansOf(work)).map(daysIn);
    assert.ok(Math.max(...days) <= DAYS_AT_ONCE_MAX, `days of each statement: ${days.join()}`);
  };

  const searches: readonly (readonly [string, Omit<LedgerQuery, 'order' | 'limit'>])[] = [
    ['a Call-ID', { callIds: ['c0', 'c1'] }],
    ['a user', { user: 'ann@home.example' }],
    ['what is in no record', { verdict: 'never' }],
  ];
  for (const [what, query] of searches) {
    it(`is searched for ${what} a few days at a time`, () =>
      isOfFewDays(async () =>
        unwrap(await store.ledger.search({ ...query, order: 'newest-first', limit: 100 })),
      ));
  }

  it('is searched no further than what is wanted', async () => {
    const plans = await plansOf(async () =>
      unwrap(await store.ledger.search({ order: 'newest-first', limit: RECORDS_A_DAY })),
    );
    assert.deepEqual(plans.map(daysIn), [DAYS_AT_ONCE_MAX, 1], 'found, and read');
  });

  it('is searched once, and read on the days alone that have something', async () => {
    const plans = await plansOf(async () => {
      const found = unwrap(
        await store.ledger.search({ callIds: ['c0'], order: 'newest-first', limit: 100 }),
      );
      assert.deepEqual(
        found.map(({ index }) => index),
        [0],
      );
    });
    const scans = plans.map((plan) => plan.match(/\bon audit_entry_\d{8}\b/gu)?.length);
    assert.deepEqual(scans, [DAYS_AT_ONCE_MAX, DAYS - DAYS_AT_ONCE_MAX, 1]);
  });

  it('gives records in order over all days, in either direction', async () => {
    const all = Array.from({ length: DAYS * RECORDS_A_DAY }, (_, at) => at);
    const limit = all.length;
    const up = unwrap(await store.ledger.search({ order: 'oldest-first', limit }));
    const down = unwrap(await store.ledger.search({ order: 'newest-first', limit: limit - 1 }));
    const read = unwrap(await store.ledger.entries(0, limit));
    const [upwards, downwards, inRow] = [up, down, read].map((found) =>
      found.map(({ index }) => index),
    );
    assert.deepEqual(upwards, all);
    assert.deepEqual(inRow, all);
    assert.deepEqual(downwards, all.slice(1).reverse());
  });

  it('is read a few days at a time', () =>
    isOfFewDays(async () => unwrap(await store.ledger.entries(0, DAYS * RECORDS_A_DAY))));

  describe('once it is noted what is on which day', () => {
    before(async () => {
      while (unwrap(await store.ledger.digestDays()));
    });
    const daysAsked = async (work: () => Promise<unknown>) =>
      new Set((await plansOf(work)).flatMap((plan) => plan.match(/\baudit_entry_\d{8}\b/gu) ?? []))
        .size;
    const seq = 3 * RECORDS_A_DAY;
    const rare: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['a Call-ID', () => store.ledger.search({ callIds: [`c${seq}`], ...NEWEST })],
      ['a user', () => store.ledger.search({ user: `u${seq}@home.example`, ...NEWEST })],
      ['answers', () => store.ledger.referring([{ source: SOURCE, seq }])],
    ];
    for (const [what, work] of rare) {
      it(`is asked for ${what} on that day and the newest alone`, async () => {
        assert.equal(await daysAsked(work), 2);
      });
    }
  });

  it('is asked for answers a few days at a time, and finds all of them', () =>
    isOfFewDays(async () => {
      const requests = [0, DAYS * RECORDS_A_DAY - 2].map((seq) => ({ source: SOURCE, seq }));
      const found = unwrap(await store.ledger.referring(requests));
      assert.deepEqual(
        found.map(({ seq }) => seq),
        [1, DAYS * RECORDS_A_DAY - 1],
      );
    }));

  it('finds answers by the number of the request, without statistics of its tables too', async () => {
    const plans = await plansOf(async () =>
      unwrap(await store.ledger.referring([{ source: SOURCE, seq: 0 }])),
    );
    for (const plan of plans) {
      const ways = plan.match(/Index Cond: .*stream = .*/gu) ?? [];
      assert.equal(ways.length, daysIn(plan), plan);
      for (const way of ways) assert.match(way, /request_seq = /u);
    }
  });

  it('is made anew a few days at a time, where a row stands in another day too', () =>
    isOfFewDays(async () => {
      const { mender, searched } = store.ledger;
      const [row] = unwrap(await searched.rows(0, 1)).rows;
      assert.ok(row);
      const astray = new Date(NOON_MS + 3 * DAY_MS).toISOString().slice(0, 10);
      unwrap(await mender.mend([{ ...row, day: astray, standsIn: row.day }]));
      const found = unwrap(await mender.elsewhere([0]));
      assert.deepEqual(found, [{ ...row, day: astray }]);
      unwrap(await mender.mend([{ ...row, standsIn: astray }]));
      assert.deepEqual(unwrap(await searched.rows(0, 1)).rows, [row]);
    }));

  it('is copied a few days at a time', () =>
    isOfFewDays(async () => {
      const mark = unwrap(await store.archive.mark());
      let place: ArchivePlace | undefined;
      do place = unwrap(await store.archive.page(mark, place)).next;
      while (place !== undefined);
    }));
});
