import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  joinedRebuilds,
  RebuildDesk,
  type RebuildPage,
  type RebuildPlace,
} from '@sallyport/app-gateway/ledger/search-rebuild.ts';
import type { Finding } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import type { MendedRow, Recounted } from '@sallyport/app-gateway/ports/searched-mender.ts';
import { type AuditRecord, decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { NOON_MS } from '../ports/audit-records.ts';
import { spanOf } from '../ports/ledger-tamper-contract.ts';
import { unwrap } from '../ports/unwrap.ts';
import { busySite } from './audited-site.ts';
import { memoryStore } from './memory-ledger.ts';

const WISH = {
  author: 'ann',
  reason: 'case 7',
  approval: { payload: 'signed', signature: Buffer.alloc(64, 7).toString('base64') },
};

describe('what is searched, made anew', () => {
  let ledger: LedgerStore;
  let close: () => Promise<void>;
  let size: number;
  before(async () => {
    const store = await memoryStore();
    ledger = store.ledger;
    close = () => store.close();
    const { site } = busySite(600);
    size = site.ledger.list.length;
    unwrap(await ledger.append(site.ledger.list.map(spanOf), NOON_MS));
  });
  after(() => close());

  /** A desk whose rows were changed at these places, and what it writes. */
  const deskOf = (changed: ReadonlySet<number>, isOnRecord = true) => {
    const noted: AuditRecord['fields'][] = [];
    const written: MendedRow[] = [];
    const { searched, mender } = ledger;
    const store = {
      head: () => ledger.head(),
      days: () => ledger.days(),
      tile: (level: number, tile: number) => ledger.tile(level, tile),
      searched: {
        standing: () => searched.standing(),
        noted: (day: string) => searched.noted(day),
        async rows(from: number, to: number) {
          const found = unwrap(await searched.rows(from, to));
          const rows = found.rows.map((row) =>
            changed.has(row.index) ? { ...row, partner: 'initech', seq: 0 } : row,
          );
          return ok({ ...found, rows });
        },
      },
      mender: {
        forgetDigests: () => mender.forgetDigests(),
        elsewhere: (indexes: readonly number[]) => mender.elsewhere(indexes),
        recount: (day: string) => mender.recount(day),
        async mend(rows: readonly MendedRow[]) {
          written.push(...rows);
          return ok(undefined);
        },
      },
    };
    const desk = new RebuildDesk({
      store,
      note: async (type, fields) => {
        const record = encodeRecord({ type, timeMs: NOON_MS, seq: noted.length, fields });
        const decoded = decodeRecord(record, 0, record.length);
        assert.ok(decoded.ok && type === 'configuration-changed');
        noted.push(decoded.value.fields);
        return isOnRecord;
      },
    });
    return { desk, store, noted, written };
  };
  const whole = async (desk: RebuildDesk): Promise<RebuildPage> => {
    let all = unwrap(await desk.page(WISH, undefined));
    while (all.place !== undefined) {
      all = joinedRebuilds(all, unwrap(await desk.page(WISH, all.place)));
    }
    return all;
  };

  it('is on record with who wanted it, before, and with what was written, after', async () => {
    const { desk, noted, written } = deskOf(new Set([5, 7, 1100]));
    const { mended, compared } = await whole(desk);
    assert.deepEqual([mended, compared], [3, size]);
    assert.deepEqual(
      written.map(({ index }) => index),
      [5, 7, 1100],
    );
    assert.ok(written.every(({ partner, seq }) => partner !== 'initech' && seq > 0));
    const done = (from: number, to: number, rows: number) =>
      `{"days":[],"from":${from},"moved":0,"rows":${rows},"to":${to}}`;
    assert.deepEqual(
      noted.map(({ after: told }) => told),
      [undefined, done(0, 1000, 2), done(1000, size, 1)],
    );
    for (const { author, command, subject, note, signedText, authorSignature } of noted) {
      const said = [author, command, subject, note, signedText, authorSignature?.length];
      assert.deepEqual(said, ['ann', 'audit-rebuild', 'ledger', 'case 7', 'signed', 64]);
    }
  });

  it('is not begun where that cannot be put on record', async () => {
    const { desk } = deskOf(new Set([5]), false);
    assert.deepEqual(await desk.page(WISH, undefined), err('not-on-record'));
  });

  it('writes nothing, and puts nothing more on record, where rows are right', async () => {
    const { desk, noted, written } = deskOf(new Set());
    await whole(desk);
    assert.deepEqual([noted.length, written.length], [1, 0]);
  });

  it('goes on counting a day for as many pieces as it takes, and does all else once', async () => {
    const nextNoonMs = NOON_MS + 86_400_000;
    const later = await memoryStore();
    const { site } = busySite(10);
    const spans = site.ledger.list.map(spanOf);
    unwrap(await later.ledger.append(spans.slice(0, 8), NOON_MS));
    unwrap(await later.ledger.append(spans.slice(8), nextNoonMs));
    const asked: string[] = [];
    const answers: readonly Recounted[] = ['counting', 'counting', 'changed'];
    const written: MendedRow[] = [];
    const { searched, mender } = later.ledger;
    const store = {
      ...{ head: () => later.ledger.head(), days: () => later.ledger.days() },
      tile: (level: number, tile: number) => later.ledger.tile(level, tile),
      searched: {
        ...{ standing: () => searched.standing(), noted: (day: string) => searched.noted(day) },
        async rows(from: number, to: number) {
          const { rows, ...rest } = unwrap(await searched.rows(from, to));
          const changed = rows.map((row) => (row.index === 3 ? { ...row, seq: 9 } : row));
          return ok({ ...rest, rows: changed });
        },
      },
      mender: {
        forgetDigests: () => mender.forgetDigests(),
        elsewhere: (indexes: readonly number[]) => mender.elsewhere(indexes),
        recount: async (day: string) => ok<Recounted>(answers[asked.push(day) - 1] ?? 'right'),
        async mend(rows: readonly MendedRow[]) {
          written.push(...rows);
          return ok(undefined);
        },
      },
    };
    const done = await whole(new RebuildDesk({ store, note: async () => true }));
    const day = new Date(NOON_MS).toISOString().slice(0, 10);
    assert.deepEqual(asked.slice(0, 4), [day, day, day, asked[3]]);
    assert.notEqual(asked[3], day);
    assert.deepEqual([done.compared, done.mended, written.length], [spans.length, 1, 1]);
    assert.deepEqual(done.recounted, [day]);
    await later.close();
  });

  it('has nothing to do without records', async () => {
    const empty = await memoryStore();
    const desk = new RebuildDesk({ store: empty.ledger, note: async () => true });
    const { compared, findings } = await whole(desk);
    assert.deepEqual([compared, findings], [0, []]);
    await empty.close();
  });

  it('leaves what a later version wrote as it is, and names it', async () => {
    const store = await memoryStore();
    const { site, sources } = busySite(4);
    sources[0]?.writeOfLaterVersion(200);
    const index = site.ledger.list.length - 1;
    unwrap(await store.ledger.append(site.ledger.list.map(spanOf), NOON_MS));
    const desk = new RebuildDesk({ store: store.ledger, note: async () => true });
    const { mended, findings } = await whole(desk);
    await store.close();
    const facts = findings.map((finding) => [finding.code, finding.index]);
    assert.deepEqual([mended, facts], [0, [['record-unknown', index]]]);
  });

  it('looks at the days of years a hundred at a time, each once', async () => {
    const { store } = deskOf(new Set());
    const [newest] = unwrap(await ledger.days());
    assert.ok(newest);
    const old = (at: number) => new Date(at * 86_400_000).toISOString().slice(0, 10);
    const days = Array.from({ length: 250 }, (_, at) => ({ ...newest, day: old(at) }));
    const looked: string[] = [];
    const searched = {
      ...store.searched,
      async noted(day: string) {
        looked.push(day);
        const strayRows = day === old(249) ? [{ index: -1, day }] : [];
        return ok({ day: { ...newest, day }, strayRows, counts: [] });
      },
    };
    const desk = new RebuildDesk({
      store: { ...store, searched, days: async () => ok([...days, newest]) },
      note: async () => true,
    });
    const pages: number[] = [];
    let place: RebuildPlace | undefined = { at: size, size };
    let findings: readonly Finding[] = [];
    while (place !== undefined) {
      const before = looked.length;
      const page: RebuildPage = unwrap(await desk.page(WISH, place));
      pages.push(looked.length - before);
      ({ place, findings } = page);
    }
    assert.deepEqual(pages, [100, 100, 50]);
    assert.deepEqual(
      looked,
      days.map(({ day }) => day),
    );
    assert.deepEqual(
      findings.map(({ code, detail }) => [code, detail]),
      [['row-astray', old(249)]],
    );
  });

  it('says so where the database does not answer', async () => {
    const { store } = deskOf(new Set([5]));
    const away = async () => err({ code: 'unavailable' as const, reason: 'gone' });
    const forgetting = new RebuildDesk({
      store: { ...store, mender: { ...store.mender, forgetDigests: away } },
      note: async () => true,
    });
    const begun = await forgetting.page(WISH, undefined);
    assert.deepEqual(begun, err({ code: 'unavailable', reason: 'gone' }));
    const place = { at: 0, size };
    for (const broken of [
      { searched: { ...store.searched, rows: away } },
      { tile: away },
      { mender: { ...store.mender, mend: away } },
    ]) {
      const desk = new RebuildDesk({ store: { ...store, ...broken }, note: async () => true });
      const done = await desk.page(WISH, place);
      assert.deepEqual(done, err({ code: 'unavailable', reason: 'gone' }));
    }
  });
});
