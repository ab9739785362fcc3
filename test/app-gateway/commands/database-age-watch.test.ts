import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DatabaseAgeWatch } from '@sallyport/app-gateway/commands/database-age-watch.ts';
import { err, ok } from '@sallyport/shared/result.ts';

const HOUR_MS = 3_600_000;
const HALF = 2 ** 30;

function watchOver(...ages: readonly (number | 'unavailable')[]) {
  const said: string[] = [];
  let hour = 0;
  const watch = new DatabaseAgeWatch({
    store: {
      age: async () => {
        const age = ages[hour] ?? 0;
        return age === 'unavailable' ? err({ code: age, reason: 'gone' }) : ok(age);
      },
    },
    nowMs: () => hour * HOUR_MS,
    warned: (age, isLate) => said.push(`${hour} h: ${age}${isLate ? ' late' : ''}`),
    failed: (code) => said.push(code),
  });
  const look = async () => {
    await watch.look();
    hour++;
  };
  return { watch, look, said };
}

describe('the watch over the age of a database', () => {
  for (const [age, said] of [
    [HALF - 1, []],
    [HALF, [`0 h: ${HALF}`]],
    [1_932_735_283, ['0 h: 1932735283']],
    [1_932_735_284, ['0 h: 1932735284 late']],
    ['unavailable', ['unavailable']],
  ] as const) {
    it(`${age}: ${said.join() || 'nothing is said'}`, async () => {
      const { look, said: heard, watch } = watchOver(age);
      await look();
      assert.deepEqual(heard, said);
      assert.equal(watch.age, age === 'unavailable' ? undefined : age);
    });
  }

  it('says it again every day', async () => {
    const { look, said } = watchOver(...Array.from({ length: 50 }, (_, hour) => HALF + hour));
    for (let hour = 0; hour < 50; hour++) await look();
    assert.deepEqual(said, [`0 h: ${HALF}`, `24 h: ${HALF + 24}`, `48 h: ${HALF + 48}`]);
  });

  it('keeps what it saw while it cannot look', async () => {
    const { look, watch } = watchOver(7, 'unavailable');
    await look();
    await look();
    assert.equal(watch.age, 7);
  });
});
