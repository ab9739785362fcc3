import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Appender } from '@sallyport/app-gateway/ledger/appender.ts';
import type {
  Appended,
  LedgerFailure,
  LedgerStore,
  RecordSpan,
} from '@sallyport/app-gateway/ports/ledger-store.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { sourceOf, span } from '../ports/audit-records.ts';
import { MemoryJournal } from './memory-journal.ts';

class Store implements Pick<LedgerStore, 'append'> {
  readonly batches: (readonly RecordSpan[])[] = [];
  failure: LedgerFailure | undefined;
  setBack: Appended['setBack'];
  tries = 0;

  async append(spans: readonly RecordSpan[]): Promise<Result<Appended, LedgerFailure>> {
    this.tries += 1;
    if (this.failure !== undefined) return err(this.failure);
    this.batches.push(spans);
    const added = spans.length;
    const { setBack } = this;
    this.setBack = undefined;
    const head = { size: this.batches.flat().length, root: Buffer.alloc(32) };
    return ok({ head, added, ...(setBack !== undefined && { setBack }) });
  }
}

const settled = async () => {
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
};
const DOWN: LedgerFailure = { code: 'unavailable', reason: 'gone' };

describe('the way from the journal into the ledger', () => {
  let journal: MemoryJournal;
  let store: Store;
  let clock: ManualClock;
  let said: string[];
  let appender: Appender;
  beforeEach(() => {
    journal = new MemoryJournal();
    store = new Store();
    clock = new ManualClock();
    said = [];
    appender = new Appender({
      journal,
      store,
      clock,
      events: {
        appended: ({ head }) => said.push(`size ${head.size}`),
        failing: ({ code }) => said.push(`failing: ${code}`),
        recovered: () => said.push('recovered'),
        setBack: ({ from, to }) => said.push(`set back from ${from} to ${to}`),
      },
    });
  });
  const give = async (count: number) => {
    for (let at = 0; at < count; at++) await journal.append(span(sourceOf('edge-1'), at, at + 1));
    appender.wake();
  };
  const advance = async (byMs: number) => {
    clock.advance(byMs);
    await settled();
  };

  it('lets records gather for a moment and moves them as one', async () => {
    await give(2);
    await give(1);
    await advance(49);
    assert.equal(store.tries, 0);
    await advance(1);
    assert.deepEqual(said, ['size 3']);
    assert.deepEqual(journal.released, [{ segment: 1, offset: 3 }]);
  });

  it('goes on by itself until the journal is empty, then rests', async () => {
    journal.batchSpans = 1;
    await give(3);
    for (let at = 0; at < 5; at++) await advance(50);
    assert.deepEqual(said, ['size 1', 'size 2', 'size 3']);
    assert.equal(clock.waiting, 0);
    await give(1);
    await advance(50);
    assert.equal(said.length, 4);
  });

  it('does not wait between batches that are full', async () => {
    journal.batchSpans = 1;
    const big = { source: sourceOf('edge-1'), records: Buffer.alloc(524_288) };
    for (let at = 0; at < 3; at++) await journal.append(big);
    appender.wake();
    await advance(50);
    assert.deepEqual(said, ['size 1', 'size 2', 'size 3']);
  });

  it('tries the same batch again every second while the database is away, and says so once', async () => {
    store.failure = DOWN;
    await give(2);
    await advance(50);
    assert.ok(appender.isFailing);
    await advance(1000);
    await give(1);
    await advance(999);
    assert.deepEqual([said, store.tries], [['failing: unavailable'], 2]);
    assert.deepEqual(journal.released, []);
    store.failure = undefined;
    await advance(1);
    assert.deepEqual(said, ['failing: unavailable', 'recovered', 'size 2']);
    await advance(50);
    assert.deepEqual(
      store.batches.map((batch) => batch.length),
      [2, 1],
    );
    assert.equal(appender.isFailing, false);
  });

  it('treats a journal that cannot be read as a failure, not as its end', async () => {
    const next = journal.next.bind(journal);
    let failures = 2;
    journal.next = () => (failures-- > 0 ? Promise.reject(new Error('EIO')) : next());
    await give(1);
    await advance(50);
    await advance(1000);
    await advance(1000);
    assert.deepEqual(said, ['failing: unavailable', 'recovered', 'size 1']);
  });

  it('tells a database that was set back again all that the journal keeps', async () => {
    await give(2);
    await advance(50);
    store.setBack = { from: 2, to: 1 };
    await give(1);
    await advance(50);
    await advance(50);
    assert.deepEqual(said, ['size 2', 'set back from 2 to 1', 'size 3', 'size 6']);
    assert.deepEqual(
      store.batches.map((batch) => batch.length),
      [2, 1, 3],
    );
    await advance(50);
    assert.equal(clock.waiting, 0);
  });

  it('moves what is there when it is stopped, and nothing afterwards', async () => {
    journal.batchSpans = 1;
    await give(3);
    await appender.stop();
    assert.deepEqual(said, ['size 1', 'size 2', 'size 3']);
    await give(1);
    await advance(10_000);
    assert.equal(said.length, 3);
    assert.equal(clock.waiting, 0);
  });

  it('asks a database that was away once more when it is stopped', async () => {
    store.failure = DOWN;
    await give(1);
    await advance(50);
    await appender.stop();
    await advance(10_000);
    assert.deepEqual([store.tries, said], [2, ['failing: unavailable']]);
  });

  it('brings in what has waited where the database is back when it is stopped', async () => {
    store.failure = DOWN;
    await give(1);
    await advance(50);
    store.failure = undefined;
    await appender.stop();
    assert.deepEqual(said, ['failing: unavailable', 'recovered', 'size 1']);
  });
});
