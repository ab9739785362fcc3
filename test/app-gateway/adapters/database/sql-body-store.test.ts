import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import type { SealedBody } from '@sallyport/app-gateway/ports/body-store.ts';
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
});
