import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { AnnouncedDrop } from '@sallyport/app-gateway/ledger/drops-on-record.ts';
import type { HoldOnRecord } from '@sallyport/app-gateway/ledger/holds-on-record.ts';
import { Retention } from '@sallyport/app-gateway/ledger/retention.ts';
import type { ToldAnew } from '@sallyport/app-gateway/ledger/told-anew.ts';
import type { LedgerDay, LegalHold } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Far from midnight, so that the minutes of a test end no day. */
const NOON_MS = Date.UTC(2026, 10, 21, 12);

describe('retention', () => {
  let clock: ManualClock;
  let days: LedgerDay[];
  let holds: LegalHold[];
  let misnamed: string[];
  let recordHolds: HoldOnRecord[];
  let knownSinceMs: number;
  let announced: AnnouncedDrop[];
  let anew: ToldAnew[];
  let isAllRead: boolean;
  let thinned: string[];
  let oldPieces: number;
  let digested: number;
  let toDigest: number;
  let said: string[];
  let keptDays: number;
  let isOnRecord: boolean;
  let retention: Retention;
  const ago = (count: number) =>
    new Date(clock.wallMs() - count * DAY_MS).toISOString().slice(0, 10);
  const day = (count: number): LedgerDay => ({
    day: ago(count),
    firstIndex: 1000 - count * 10,
    endIndex: 1010 - count * 10,
    firstMs: 0,
    lastMs: 0,
    recordBytes: 0,
  });
  beforeEach(() => {
    clock = new ManualClock(NOON_MS);
    days = [5, 4, 3, 2, 1, 0].map(day);
    holds = [];
    misnamed = [];
    recordHolds = [];
    knownSinceMs = 0;
    announced = [];
    anew = [];
    isAllRead = true;
    thinned = [];
    oldPieces = 0;
    digested = 0;
    toDigest = 0;
    said = [];
    keptDays = 3;
    isOnRecord = true;
    retention = new Retention({
      node: 'gateway-1',
      clock,
      retentionDays: () => keptDays,
      dropped: (name, entries) => said.push(`dropped ${name} ${entries}`),
      failed: (code) => said.push(`failed ${code}`),
      putBack: (name) => said.push(`put back ${name}`),
      note: async (type, { day, firstIndex, entries, treeSize, author, command, subject }) => {
        const fields =
          day === undefined ? [author, command, subject] : [day, firstIndex, entries, treeSize];
        said.push(`${type} ${fields.join(' ').trimEnd()}`);
        return isOnRecord;
      },
      onRecord: {
        readTo: 1010,
        get sinceMs() {
          return knownSinceMs;
        },
        readOn: async () => ok(isAllRead),
        announced: ({ day: name }) => announced.filter((drop) => drop.day === name),
        endingWith: async ({ day: name }) => ok(anew.filter(({ fields }) => fields.day === name)),
        get holds() {
          return recordHolds;
        },
        against: ({ day: name }) => (misnamed.includes(name) ? 'another' : undefined),
      },
      store: {
        days: async () => ok(days),
        holds: async () => ok(holds),
        thinCheckpoints: async (after, beforeMs) => {
          thinned.push(`${after} ${new Date(beforeMs).toISOString()}`);
          const isMore = --oldPieces > 0;
          return ok({ removed: 9, upTo: after + 10, isMore });
        },
        putBackHold: async (put) => {
          holds = [...holds.filter(({ name }) => name !== put.name), put];
          return ok(undefined);
        },
        digestDays: async () => {
          digested++;
          return ok(--toDigest > 0);
        },
        dropDay: async (name, nowMs) => {
          if (name === ago(7)) return err({ code: 'conflict' });
          days = days.map((one) => (one.day === name ? { ...one, droppedAtMs: nowMs } : one));
          return ok(undefined);
        },
      },
    });
  });
  const hold = (first: number, last: number): LegalHold => ({
    name: 'case',
    firstDay: ago(first),
    lastDay: ago(last),
    reason: '',
    setBy: 'ann',
    setAtMs: 0,
  });
  const dropped = () =>
    said.filter((line) => line.startsWith('dropped')).map((line) => line.split(' ')[1]);

  it('drops each day that was kept long enough, after that is on record, and once', async () => {
    await retention.look();
    await retention.look();
    assert.deepEqual(said, [
      `day-dropped ${ago(5)} 950 10`,
      `dropped ${ago(5)} 10`,
      `day-dropped ${ago(4)} 960 10`,
      `dropped ${ago(4)} 10`,
    ]);
  });

  it('drops nothing by a clock that leapt over more than a week, until it has stood for a week', async () => {
    const before = [805, 804, 803].map(day);
    days = before;
    await retention.look();
    assert.deepEqual(said, ['failed clock-leapt'], 'at its start, before a record of its own');
    for (let stood = 0; stood < 7; stood++) {
      said.length = 0;
      days = [...before, ...[6, 5, 4, 3, 2, 1, 0].filter((ago) => ago <= stood).map(day)];
      await retention.look();
      assert.deepEqual(said, ['failed clock-leapt'], `${stood} days later`);
    }
    days = [...before, ...[7, 6, 5, 4, 3, 2, 1, 0].map(day)];
    await retention.look();
    assert.deepEqual(dropped(), [805, 804, 803, 6, 5, 4].map(ago));
  });

  it('takes a week without records for nothing, and drops by a clock that is behind the newest day', async () => {
    days = [9, 8, 1, 0].map(day);
    await retention.look();
    assert.deepEqual(dropped(), [ago(9), ago(8)]);
    said.length = 0;
    days = [90, 80, -400].map(day);
    await retention.look();
    assert.deepEqual(dropped(), [ago(90), ago(80)]);
  });

  it('drops by a clock that has gone steadily for a week, though nothing comes at all', async () => {
    days = [25, 24].map(day);
    await retention.look();
    assert.deepEqual(said, ['failed clock-leapt']);
    clock.advance(7 * DAY_MS);
    await retention.look();
    assert.deepEqual(dropped(), [ago(32)]);
  });

  it('says nothing of its clock where no day is due', async () => {
    days = [25, 24].map(day);
    keptDays = 400;
    await retention.look();
    assert.deepEqual(said, []);
  });

  it('drops nothing that cannot be put on record', async () => {
    isOnRecord = false;
    await retention.look();
    assert.deepEqual(dropped(), []);
  });

  const heldDays: readonly (readonly [string, () => LegalHold, readonly number[]])[] = [
    ['of the first day', () => hold(5, 5), [4]],
    ['of both, ends included', () => hold(5, 4), []],
    ['of others', () => hold(3, 0), [5, 4]],
    ['that was lifted', () => ({ ...hold(5, 4), liftedAtMs: 1 }), [5, 4]],
  ];
  for (const [what, held, left] of heldDays) {
    it(`with a hold ${what}`, async () => {
      holds = [held()];
      await retention.look();
      assert.deepEqual(dropped(), left.map(ago));
    });
  }

  it('never drops the newest day, however old', async () => {
    keptDays = 1;
    days = [6, 5].map(day);
    await retention.look();
    assert.deepEqual(dropped(), [ago(6)]);
  });

  it('drops nothing for a day where it has not read this ledger before', async () => {
    knownSinceMs = NOON_MS - DAY_MS + 1;
    await retention.look();
    assert.deepEqual(said, []);
    clock.advance(1);
    await retention.look();
    assert.deepEqual(dropped(), [ago(5), ago(4)]);
  });

  it('drops no day that records call otherwise', async () => {
    misnamed = [ago(5)];
    await retention.look();
    assert.deepEqual(dropped(), [ago(4)]);
    assert.equal(said[0], 'failed day-misnamed');
  });

  it('has told anew what records of a day say of others, before it says that this one goes', async () => {
    const fields = { day: ago(4), firstIndex: 7n, entries: 3n };
    anew = [{ type: 'day-dropped', fields }];
    await retention.look();
    assert.deepEqual(said.slice(2), [
      `day-dropped ${ago(4)} 7 3`,
      `day-dropped ${ago(4)} 960 10`,
      `dropped ${ago(4)} 10`,
    ]);
  });

  const minutesAgo = (count: number, minutes: number): AnnouncedDrop => {
    const { day: name, firstIndex, endIndex } = day(count);
    return { index: 9, day: name, firstIndex, endIndex, droppedMs: NOON_MS - minutes * MINUTE_MS };
  };
  const inVain: readonly (readonly [string, readonly number[], boolean])[] = [
    ['ten minutes ago', [10], true],
    ['less than ten minutes ago', [9], false],
    ['long ago, and now', [600, 0], false],
  ];
  for (const [when, minutes, isTold] of inVain) {
    it(`${isTold ? 'says' : 'does not say'} of a day under a hold that it is kept where it was to go ${when}`, async () => {
      holds = [hold(5, 4)];
      announced = minutes.map((count) => minutesAgo(5, count));
      await retention.look();
      assert.deepEqual(said, isTold ? [`day-kept ${ago(5)} 950 10 1010`] : []);
    });
  }

  it('says so of a day that is kept for longer by now, and of none that goes', async () => {
    keptDays = 4;
    announced = [minutesAgo(5, 60), minutesAgo(4, 60)];
    await retention.look();
    assert.deepEqual(said, [
      `day-kept ${ago(4)} 960 10 1010`,
      `day-dropped ${ago(5)} 950 10`,
      `dropped ${ago(5)} 10`,
    ]);
  });

  /** Of the days 5 and 4, as the records have it. */
  const onRecord = (liftedMs = Infinity): HoldOnRecord => ({
    name: 'case',
    firstDay: ago(5),
    lastDay: ago(4),
    reason: 'court order',
    setBy: 'ann',
    setMs: 1,
    liftedMs,
  });
  const PUT_BACK = ['configuration-changed gateway-1 audit-hold case', 'put back case'];
  const lost: readonly (readonly [string, () => readonly LegalHold[]])[] = [
    ['is gone', () => []],
    ['is called lifted long since', () => [{ ...hold(5, 4), liftedAtMs: 1 }]],
    ['is to be lifted one day', () => [{ ...hold(5, 4), liftedAtMs: NOON_MS + 2 * MINUTE_MS }]],
    ['is of a day less at its beginning', () => [hold(4, 4)]],
    ['is of a day less at its end', () => [hold(5, 5)]],
  ];
  for (const [how, inDatabase] of lost) {
    it(`keeps what is under a hold by its records, and puts back one that ${how}`, async () => {
      holds = [...inDatabase()];
      recordHolds = [onRecord()];
      await retention.look();
      assert.deepEqual(said, PUT_BACK);
      const { name, firstDay, lastDay, reason, setBy } = onRecord();
      assert.deepEqual(holds, [{ name, firstDay, lastDay, reason, setBy, setAtMs: 1 }]);
      await retention.look();
      assert.deepEqual(said, PUT_BACK);
    });
  }

  it('drops nothing, and puts nothing back, before all records were read', async () => {
    isAllRead = false;
    recordHolds = [{ ...onRecord(), firstDay: ago(2), lastDay: ago(2) }];
    await retention.look();
    assert.deepEqual(said, []);
  });

  it('waits an hour for the record of one that was lifted just now, and keeps its days so long', async () => {
    holds = [{ ...hold(5, 4), liftedAtMs: NOON_MS - 59 * MINUTE_MS }];
    recordHolds = [onRecord()];
    await retention.look();
    assert.deepEqual(said, []);
    clock.advance(MINUTE_MS);
    await retention.look();
    assert.deepEqual(said, PUT_BACK);
  });

  it('drops what was under a hold that is lifted, on record and in the database', async () => {
    holds = [{ ...hold(5, 4), liftedAtMs: 5 }];
    recordHolds = [onRecord(5)];
    await retention.look();
    assert.deepEqual(dropped(), [ago(5), ago(4)]);
  });

  it('keeps what is under a hold that is lifted on record alone', async () => {
    holds = [hold(5, 4)];
    recordHolds = [onRecord(5)];
    await retention.look();
    assert.deepEqual(said, []);
  });

  it('thins out checkpoints of more than a week ago, and goes on where it ended', async () => {
    await retention.look();
    oldPieces = 2;
    await retention.look();
    const before = new Date(NOON_MS - 7 * DAY_MS).toISOString();
    assert.deepEqual(
      thinned,
      ['0', '10', '20'].map((after) => `${after} ${before}`),
    );
  });

  it('does so much of it at a time, and the rest later', async () => {
    oldPieces = 30;
    await retention.look();
    assert.equal(thinned.length, 20);
    await retention.look();
    assert.equal(thinned.length, 30);
  });

  it('has days noted until there is no more, so many pieces at a time', async () => {
    toDigest = 400;
    await retention.look();
    assert.equal(digested, 250);
    await retention.look();
    assert.equal(digested, 400);
  });

  it('begins with no other day and no other piece once it is stopped', async () => {
    oldPieces = 30;
    toDigest = 30;
    const looking = retention.look();
    await retention.stop();
    await looking;
    assert.deepEqual([dropped(), thinned, digested], [[], [], 0]);
  });

  it('says nothing where another gateway was faster', async () => {
    days = [day(7), day(0)];
    await retention.look();
    assert.deepEqual(said, [`day-dropped ${ago(7)} 930 10`]);
  });

  it('looks every ten minutes, with the days that are set then', async () => {
    keptDays = 400;
    clock.advance(600_000);
    await retention.look();
    assert.deepEqual(said, []);
    keptDays = 4;
    clock.advance(600_000);
    await setImmediate();
    assert.equal(dropped().length, 1);
    await retention.stop();
    assert.equal(clock.waiting, 0);
  });
});
