import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InPortions } from '@sallyport/shared/net/in-portions.ts';
import { processorMs } from '../../processor-ms.ts';

/** For 40,000 heaps; far more than they take, and a fraction of what copying what waits for each would. */
const ENOUGH_MS = 500;

function portionsOf(portion: number) {
  const done: number[] = [];
  const turns: (() => void)[] = [];
  const portions = new InPortions<number>(
    (item) => done.push(item),
    portion,
    (then) => turns.push(then),
  );
  /** The next turn of the loop: what was done in it. */
  const turn = () => {
    for (const then of turns.splice(0)) then();
    return done.splice(0);
  };
  return { portions, done, turns, turn };
}

describe('work in portions', () => {
  it('is done at once up to a portion, and the rest in later turns, in order', () => {
    const { portions, done, turns, turn } = portionsOf(2);
    portions.add([1, 2, 3, 4, 5]);
    assert.deepEqual(done.splice(0), [1, 2]);
    portions.add([6]);
    assert.deepEqual(done, []);
    assert.deepEqual([turn(), turn(), turn()], [[3, 4], [5, 6], []]);
    assert.deepEqual(turns, []);
  });

  it('is one portion a turn, in however many heaps it comes', () => {
    const { portions, done, turns, turn } = portionsOf(2);
    for (let item = 1; item <= 5; item++) portions.add([item]);
    assert.deepEqual(done.splice(0), [1, 2]);
    assert.equal(turns.length, 1);
    assert.deepEqual([turn(), turn(), turn()], [[3, 4], [5], []]);
    portions.add([6]);
    assert.deepEqual(done, [6]);
  });

  it('takes tens of thousands of heaps in time that grows with their number alone', () => {
    const heaps = 40_000;
    const { portions, done } = portionsOf(2);
    const ms = processorMs(() => {
      for (let item = 0; item < heaps; item++) portions.add([item]);
    }, ENOUGH_MS);
    assert.ok(ms < ENOUGH_MS, `${ms} ms`);
    assert.deepEqual(done, [0, 1]);
  });

  it('asks for no turn where there is none', () => {
    const { portions, turns } = portionsOf(2);
    portions.add([]);
    assert.deepEqual(turns, []);
  });
});
