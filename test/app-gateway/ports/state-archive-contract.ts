import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { LedgerCheck } from '@sallyport/app-gateway/backup/ledger-check.ts';
import { ledgerSigningKey } from '@sallyport/app-gateway/domain/ledger-keys.ts';
import type {
  ArchiveMark,
  ArchivePage,
  ArchiveRows,
} from '@sallyport/app-gateway/ports/state-archive.ts';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { formatNote, signNote } from '@sallyport/shared/audit/note.ts';
import { admitted, NOON_MS, sourceOf, span } from './audit-records.ts';
import { AT_MS, fullPartner, plainPartner, programEvent, sighting } from './state-records.ts';
import { unwrap } from './unwrap.ts';

const DAY_MS = 86_400_000;
const ORIGIN = 'sallyport/acme';
const SIGNING_KEY = ledgerSigningKey(Buffer.alloc(32, 7));
const EPOCH = 0xfedc_ba98_7654_3210n;

/** A copy and what it is of. */
interface Copy {
  readonly mark: ArchiveMark;
  readonly parts: readonly ArchiveRows[];
}

/** Reads a whole copy; `between` is done before each page. */
async function copyOf(store: SqlStateStore, between?: () => Promise<void>): Promise<Copy> {
  const mark = unwrap(await store.archive.mark());
  const parts: ArchiveRows[] = [];
  let page: ArchivePage | undefined;
  do {
    await between?.();
    page = unwrap(await store.archive.page(mark, page?.next));
    parts.push(...page.tables);
  } while (page.next !== undefined);
  return { mark, parts };
}

function checked({ mark, parts }: Copy): readonly string[] {
  const check = new LedgerCheck();
  for (const { table, rows } of parts) check.take(table, rows);
  return check.finish(mark, ORIGIN, createPublicKey(SIGNING_KEY)).problems;
}

async function signed(store: SqlStateStore): Promise<number> {
  const { size, root } = unwrap(await store.ledger.head());
  const text = formatCheckpoint({ origin: ORIGIN, size, root, extensions: [] });
  const note = { text, signatures: [signNote(text, ORIGIN, SIGNING_KEY)] };
  unwrap(await store.ledger.addCheckpoint(size, formatNote(note), NOON_MS));
  return size;
}

async function* eachOf<T>(parts: Iterable<T>): AsyncGenerator<T> {
  yield* parts;
}

/** A copy of a database of one moment, and what is made of it in an empty one; `open` gives an empty one each time. */
export function stateArchiveContract(name: string, open: () => Promise<SqlStateStore>): void {
  describe(`copy of a database (${name})`, () => {
    let store: SqlStateStore;
    let whole: Copy;
    const edge = sourceOf('edge-1', EPOCH);
    before(async () => {
      store = await open();
      const partners = [fullPartner('globex'), plainPartner('initech')];
      const events = [programEvent('partner/globex'), programEvent('partner/initech')] as const;
      unwrap(await store.commit(0, { partners, events: [...events] }, AT_MS));
      unwrap(await store.recordSightings([sighting({ partner: 'globex' })]));
      unwrap(await store.ledger.append([span(edge, 0, 700)], NOON_MS));
      unwrap(await store.ledger.append([span(edge, 800, 900)], NOON_MS + DAY_MS));
      await signed(store);
      unwrap(await store.ledger.dropDay('2026-11-21', NOON_MS + 2 * DAY_MS));
      unwrap(await store.ledger.append([span(edge, 900, 1400)], NOON_MS + 3 * DAY_MS));
      unwrap(await store.bodies.takeDayKey('2026-11-24', 'sealed'));
      const body = { hash: Buffer.alloc(32, 1), day: '2026-11-24', octets: Buffer.alloc(5000, 2) };
      unwrap(await store.bodies.addBodies([body]));
      unwrap(await store.feedCursors.claim('siem', 'gateway-1'));
      const held = { name: 'case', firstDay: '2026-11-24', lastDay: '2026-11-24' };
      unwrap(await store.ledger.setHold({ ...held, reason: 'r', setBy: 'ann', setAtMs: AT_MS }));
      await signed(store);
      whole = await copyOf(store);
    });
    after(() => store.close());

    it('has a ledger that fits its newest checkpoint, dropped days included', () => {
      assert.equal(whole.mark.size, 1300);
      assert.deepEqual(checked(whole), []);
      const records = whole.parts.filter(({ table }) => table === 'audit_entry');
      assert.equal(records.flatMap(({ rows }) => rows).length, 600);
    });

    it('makes the same database of an empty one, and it goes on from there', async () => {
      const other = await open();
      unwrap(await other.restore(eachOf(whole.parts)));
      assert.deepEqual(unwrap(await other.load()), unwrap(await store.load()));
      assert.deepEqual(
        unwrap(await other.events({ limit: 10 })),
        unwrap(await store.events({ limit: 10 })),
      );
      assert.deepEqual(
        unwrap(await other.sightings('globex')),
        unwrap(await store.sightings('globex')),
      );
      for (const ask of [
        (ledger: SqlStateStore['ledger']) => ledger.head(),
        (ledger: SqlStateStore['ledger']) => ledger.days(),
        (ledger: SqlStateStore['ledger']) => ledger.streams(),
        (ledger: SqlStateStore['ledger']) => ledger.entries(700, 1300),
        (ledger: SqlStateStore['ledger']) => ledger.checkpoints({ limit: 10 }),
        (ledger: SqlStateStore['ledger']) => ledger.holds(),
        (ledger: SqlStateStore['ledger']) => ledger.typeCounts({}),
      ]) {
        const there = await ask(store.ledger);
        assert.ok(there.ok);
        assert.deepEqual(await ask(other.ledger), there);
      }
      assert.deepEqual(unwrap(await other.bodies.body(Buffer.alloc(32, 1))), Buffer.alloc(5000, 2));
      const again = unwrap(
        await other.ledger.append([span(edge, 1399, 1401)], NOON_MS + 3 * DAY_MS),
      );
      assert.deepEqual([again.added, again.head.size], [1, 1301]);
      const { revision } = unwrap(await other.load());
      const change = { partners: [plainPartner('hooli')], events: [programEvent('x')] as const };
      unwrap(await other.commit(revision, { ...change, events: [...change.events] }, AT_MS + 10));
      assert.deepEqual((await copyOf(other)).mark.migrations, whole.mark.migrations);
      await other.close();
    });

    it('is of one moment, however much is written while it is read', async () => {
      const busy = await open();
      unwrap(await busy.ledger.append([span(edge, 0, 300)], NOON_MS));
      await signed(busy);
      let next = 300;
      const copy = await copyOf(busy, async () => {
        const late = [span(edge, next, next + 40), span(sourceOf('edge-2', BigInt(next)), 0, 3)];
        unwrap(await busy.ledger.append(late, NOON_MS));
        next += 40;
      });
      assert.ok(next > 700, String(next));
      assert.equal(copy.mark.size, 300);
      assert.deepEqual(checked(copy), []);
      const other = await open();
      unwrap(await other.restore(eachOf(copy.parts)));
      const [stream, ...further] = unwrap(await other.ledger.streams());
      assert.deepEqual(stream?.ranges, [[0, 300]]);
      assert.deepEqual(further, []);
      const [day] = unwrap(await other.ledger.days());
      const bytes = Array.from({ length: 300 }, (_, seq) => admitted(seq).length);
      assert.deepEqual(
        [day?.endIndex, day?.lastMs, day?.recordBytes],
        [300, NOON_MS + 299, bytes.reduce((sum, one) => sum + one, 0)],
      );
      const counts = unwrap(await other.ledger.typeCounts({}));
      assert.deepEqual(
        counts.map(({ records }) => records),
        [300],
      );
      // What came later is taken as new, once.
      const more = unwrap(await other.ledger.append([span(edge, 290, 400)], NOON_MS));
      assert.equal(more.added, 100);
      await busy.close();
      await other.close();
    });

    it('is refused where the state was changed since its mark', async () => {
      const busy = await open();
      const mark = unwrap(await busy.archive.mark());
      const change = { partners: [plainPartner('hooli')], events: [programEvent('x')] as const };
      unwrap(await busy.commit(0, { ...change, events: [...change.events] }, AT_MS));
      let place: ArchivePage['next'];
      for (;;) {
        const page = await busy.archive.page(mark, place);
        if (!page.ok) {
          assert.equal(page.error.code, 'overtaken');
          break;
        }
        place = page.value.next;
        assert.ok(place, 'the copy came to its end');
      }
      await busy.close();
    });

    it('goes into no database that has anything, nor by halves', async () => {
      const used = await open();
      unwrap(await used.ledger.append([span(edge, 0, 1)], NOON_MS));
      const refused = await used.restore(eachOf(whole.parts));
      assert.equal(!refused.ok && refused.error.code, 'not-empty');
      await used.close();

      const fresh = await open();
      const broken = [...whole.parts, { table: 'audit_hold', rows: ['{"name": null}'] }];
      const failed = await fresh.restore(eachOf(broken));
      assert.equal(!failed.ok && failed.error.code, 'failed');
      assert.equal(unwrap(await fresh.ledger.head()).size, 0);
      const foreign = await fresh.restore(eachOf([{ table: 'pg_class', rows: ['{}'] }]));
      assert.equal(!foreign.ok && foreign.error.code, 'failed');
      unwrap(await fresh.restore(eachOf(whole.parts)));
      await fresh.close();
    });
  });
}
