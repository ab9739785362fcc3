import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boundsText, DropsOnRecord } from '@sallyport/app-gateway/ledger/drops-on-record.ts';
import type { AuditRecord } from '@sallyport/shared/audit/record.ts';

const PLACES = { day: '2026-11-20', firstIndex: 100n, entries: 50n };
const dropped = (fields: AuditRecord['fields'] = {}): AuditRecord => ({
  ...{ type: 'day-dropped', timeMs: 7000, seq: 0, fields: { ...PLACES, ...fields } },
});
const kept = (fields: AuditRecord['fields']): AuditRecord => ({
  ...{ type: 'day-kept', timeMs: 9000, seq: 0, fields: { ...PLACES, ...fields } },
});

describe('days that were dropped, as it is on record', () => {
  it('go from the time at which that was said first', () => {
    const drops = new DropsOnRecord();
    drops.hear(200, dropped());
    drops.hear(900, { ...dropped({ droppedMs: 7000n }), timeMs: 9000 });
    const drop = { day: '2026-11-20', firstIndex: 100, endIndex: 150, droppedMs: 7000 };
    assert.deepEqual(drops.standing, [
      { index: 200, ...drop },
      { index: 900, ...drop },
    ]);
    assert.deepEqual(drops.takenBack, []);
  });

  //      what is kept: its places, and below which place announcements are void
  const table: readonly (readonly [string, AuditRecord['fields'], boolean])[] = [
    ['behind it', { treeSize: 201n }, true],
    ['just before it', { treeSize: 200n }, false],
    ['of a part of it', { firstIndex: 149n, entries: 1n, treeSize: 201n }, true],
    ['of what is before it', { firstIndex: 50n, entries: 50n, treeSize: 201n }, false],
    ['of what is behind it', { firstIndex: 150n, entries: 50n, treeSize: 201n }, false],
    ['of no tree', {}, false],
  ];
  for (const [what, fields, isTakenBack] of table) {
    it(`are ${isTakenBack ? '' : 'not '}taken back by a record ${what}, whichever is heard first`, () => {
      const records = [
        [200, dropped()],
        [300, kept(fields)],
      ] as const;
      for (const order of [records, records.toReversed()]) {
        const drops = new DropsOnRecord();
        for (const [index, record] of order) drops.hear(index, record);
        assert.equal(drops.takenBack.length, Number(isTakenBack));
        assert.equal(drops.standing.length, Number(!isTakenBack));
      }
    });
  }

  it('are not told by what begins a day, which has no entries', () => {
    const drops = new DropsOnRecord();
    drops.hear(1, {
      ...dropped(),
      type: 'day-begun',
      fields: { day: '2026-11-20', firstIndex: 9n },
    });
    assert.deepEqual(drops.standing, []);
  });

  it('are the same where their places are', () => {
    assert.equal(boundsText({ firstIndex: 1, endIndex: 23 }), '1-23');
    assert.notEqual(boundsText({ firstIndex: 12, endIndex: 3 }), '1-23');
  });
});
