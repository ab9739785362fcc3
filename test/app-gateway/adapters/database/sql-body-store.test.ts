import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import type { SealedBody } from '@sallyport/app-gateway/ports/body-store.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { memoryStore } from '../../ledger/memory-ledger.ts';
import { unwrap } from '../../ports/unwrap.ts';

const DAY = '2026-11-21';

function sealed(text: string, day = DAY): SealedBody {
  const octets = Buffer.from(text);
  return { hash: createHash('sha256').update(octets).digest(), day, octets };
}

describe('sealed bodies in the database', { timeout: 60_000 }, () => {
  let store: SqlStateStore;
  before(async () => {
    store = await memoryStore();
  });
  after(() => store.close());

  it('are found by their hash, and may be put there twice', async () => {
    const [one, two] = [sealed('one'), sealed('two\0\xff')];
    unwrap(await store.bodies.addBodies([one, two]));
    unwrap(await store.bodies.addBodies([two]));
    assert.deepEqual(unwrap(await store.bodies.body(two.hash)), two.octets);
    assert.equal(unwrap(await store.bodies.body(sealed('three').hash)), undefined);
  });

  it('have one key a day: the first that was offered', async () => {
    assert.equal(unwrap(await store.bodies.dayKey(DAY)), undefined);
    assert.equal(unwrap(await store.bodies.takeDayKey(DAY, 'first')), 'first');
    assert.equal(unwrap(await store.bodies.takeDayKey(DAY, 'second')), 'first');
    assert.equal(unwrap(await store.bodies.dayKey(DAY)), 'first');
  });

  it('keep the key while a hold is on the day, then lose it for good', async () => {
    const hold = { name: 'case-7', firstDay: DAY, lastDay: DAY, reason: 'court order' };
    unwrap(await store.ledger.setHold({ ...hold, setBy: 'ann', setAtMs: 1 }));
    assert.equal(unwrap(await store.bodies.erasable(DAY)), 'held');
    assert.equal(unwrap(await store.bodies.eraseDayKey(DAY, 2)), 'held');
    assert.equal(unwrap(await store.bodies.dayKey(DAY)), 'first');
    unwrap(await store.ledger.liftHold('case-7', 'ann', 3));
    assert.equal(unwrap(await store.bodies.eraseDayKey(DAY, 4)), 'erased');
    assert.equal(unwrap(await store.bodies.dayKey(DAY)), undefined);
    assert.equal(unwrap(await store.bodies.takeDayKey(DAY, 'third')), undefined);
    assert.equal(unwrap(await store.bodies.eraseDayKey(DAY, 5)), 'none');
    assert.equal(unwrap(await store.bodies.eraseDayKey('2026-11-20', 5)), 'none');
  });

  it('go with the records of their day, and those of days before, but not from under a hold', async () => {
    const source = { node: 'edge-1', worker: 0, epoch: 9n };
    const days = ['2026-10-01', '2026-10-02', '2026-10-03'];
    for (const [seq, day] of days.entries()) {
      const records = encodeRecord({
        type: 'clock-stepped',
        timeMs: 1,
        seq,
        fields: { expectedMs: 1n },
      });
      unwrap(await store.ledger.append([{ source, records }], Date.parse(day)));
      unwrap(await store.bodies.takeDayKey(day, `key of ${day}`));
    }
    const bodies = ['2026-09-30', ...days].map((day) => sealed(`of ${day}`, day));
    unwrap(await store.bodies.addBodies(bodies));
    const hold = { name: 'case-8', firstDay: '2026-10-01', lastDay: '2026-10-01', reason: 'order' };
    unwrap(await store.ledger.setHold({ ...hold, setBy: 'ann', setAtMs: 1 }));
    unwrap(await store.ledger.dropDay('2026-10-02', 5));
    const left: string[] = [];
    for (const { hash, day } of bodies) {
      if (unwrap(await store.bodies.body(hash)) !== undefined) left.push(day);
    }
    assert.deepEqual(left, ['2026-10-01', '2026-10-03']);
    assert.equal(unwrap(await store.bodies.dayKey('2026-10-02')), undefined);
    assert.equal(unwrap(await store.bodies.dayKey('2026-10-01')), 'key of 2026-10-01');
  });
});
