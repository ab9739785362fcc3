import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fifo } from '@sallyport/shared/net/fifo.ts';
import fc from 'fast-check';
import { processorMs } from '../../processor-ms.ts';

const MANY = 100_000;
/** Far more than so many take, and a fraction of what moving all that are behind would for each. */
const ENOUGH_MS = 200;

describe('first in, first out', () => {
  it('gives what an array gives', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(), { nil: undefined })), (steps) => {
        const fifo = new Fifo<number>();
        const array: number[] = [];
        for (const step of steps) {
          if (step === undefined) assert.equal(fifo.shift(), array.shift());
          else {
            fifo.push(step);
            array.push(step);
          }
          assert.deepEqual([fifo.length, fifo.first], [array.length, array[0]]);
        }
      }),
      { seed: 1 },
    );
  });

  it('takes time that grows with the number alone', () => {
    const ms = processorMs(() => {
      const fifo = new Fifo<number>();
      for (let item = 0; item < MANY; item++) fifo.push(item);
      for (let item = 0; item < MANY; item++) assert.equal(fifo.shift(), item);
    }, ENOUGH_MS);
    assert.ok(ms < ENOUGH_MS, `${ms} ms`);
  });
});
