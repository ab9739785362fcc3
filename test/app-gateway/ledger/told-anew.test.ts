import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { saidIn } from '@sallyport/app-gateway/ledger/told-anew.ts';
import { type AuditRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';

const said = (type: AuditRecord['type'], fields: AuditRecord['fields'], timeMs = 5000) =>
  saidIn(encodeRecord({ type, timeMs, seq: 7, fields }));

const BOUNDS = { day: '2026-11-21', firstIndex: 100n, entries: 50n };

describe('what may have to be told anew', () => {
  it('a day that goes: with the time at which that was said first', () => {
    const first = said('day-dropped', BOUNDS);
    assert.deepEqual(first?.fields, { ...BOUNDS, droppedMs: 5000n });
    const again = said('day-dropped', first.fields, 9000);
    assert.deepEqual(again, first);
    assert.deepEqual([first.key, first.bounds], ['day-dropped 100-150', '100-150']);
  });

  it('a day that stays', () => {
    const kept = said('day-kept', { ...BOUNDS, treeSize: 900n });
    assert.deepEqual([kept?.key, kept?.bounds], ['day-kept 100-150', '100-150']);
  });

  it('a hold: the same of other days is another one', () => {
    const hold = { hold: 'case-7', firstDay: '2026-11-01' };
    const { key, hold: name } = said('hold-set', hold) ?? {};
    assert.deepEqual([key, name], ['hold-set 2026-11-01 9999-12-31 case-7', 'case-7']);
    assert.notEqual(said('hold-set', { ...hold, lastDay: '2026-11-20' })?.key, key);
  });

  it('that a hold was lifted: with the time at which it was', () => {
    const first = said('hold-lifted', { hold: 'case-7', author: 'ann' });
    assert.deepEqual(first?.fields, { hold: 'case-7', author: 'ann', liftedMs: 5000n });
    assert.deepEqual(said('hold-lifted', first.fields, 9000), first);
    assert.notEqual(said('hold-lifted', { hold: 'case-7' }, 5001)?.key, first.key);
  });

  it('nothing else', () => {
    assert.equal(said('day-begun', { day: '2026-11-21', firstIndex: 0n }), undefined);
  });
});
