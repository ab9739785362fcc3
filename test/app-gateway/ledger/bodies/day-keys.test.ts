import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { dayKeySeal } from '@sallyport/app-gateway/commands/cluster-key-seal.ts';
import { DayKeys } from '@sallyport/app-gateway/ledger/bodies/day-keys.ts';
import { ok } from '@sallyport/shared/result.ts';
import { unwrap } from '../../ports/unwrap.ts';

const DAY = '2026-11-21';

/** Two gateways of one site at one table of keys; a third has another cluster key. */
function stage() {
  const rows = new Map<string, string | undefined>();
  const calls: string[] = [];
  const store = {
    takeDayKey: async (day: string, offered: string) => {
      calls.push(day);
      if (!rows.has(day)) rows.set(day, offered);
      return ok(rows.get(day));
    },
    dayKey: async (day: string) => ok(rows.get(day)),
  };
  const at = (clusterKey: Buffer) =>
    new DayKeys({ store, seal: dayKeySeal(clusterKey), random: randomBytes });
  const clusterKey = randomBytes(32);
  return { rows, calls, one: at(clusterKey), two: at(clusterKey), other: at(randomBytes(32)) };
}

describe('keys of days', () => {
  it('are the same at every gateway, another every day, and in the open nowhere', async () => {
    const { one, two, rows } = stage();
    const key = unwrap(await one.take(DAY));
    assert.equal(key?.key.length, 32);
    assert.deepEqual(unwrap(await two.take(DAY)), key);
    assert.deepEqual(unwrap(await two.find(DAY)), key);
    assert.notDeepEqual(unwrap(await one.take('2026-11-22'))?.key, key?.key);
    const text = Buffer.from(key?.key ?? '').toString('base64');
    assert.ok(![...rows.values()].some((sealed) => sealed?.includes(text)));
  });

  it('do not open with another cluster key, nor as that of another day', async () => {
    const { one, other, rows } = stage();
    await one.take(DAY);
    assert.equal((await other.find(DAY)).ok, false);
    rows.set('2026-11-22', rows.get(DAY));
    assert.equal((await one.find('2026-11-22')).ok, false);
  });

  it('are asked for once while the day lasts, and forgotten afterwards', async () => {
    const { one, calls, rows } = stage();
    await one.take(DAY);
    await one.take(DAY);
    one.forgetOthers(DAY);
    await one.take(DAY);
    assert.deepEqual(calls, [DAY]);
    rows.set(DAY, undefined);
    one.forgetOthers('2026-11-22');
    assert.equal(unwrap(await one.take(DAY)), undefined);
  });

  it('are none where none was made, or it was erased', async () => {
    assert.equal(unwrap(await stage().one.find(DAY)), undefined);
  });
});
