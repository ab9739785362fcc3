import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { earlierRunText, parseEarlierRun } from '@sallyport/shared/audit/earlier-run.ts';

const SEAL = Buffer.alloc(32, 0xa5);

describe('what a run keeps for the next one', () => {
  for (const lastSeal of [undefined, SEAL]) {
    for (const epoch of [0n, 1n, 0xffff_ffff_ffff_ffffn]) {
      it(`is read as it was written: ${epoch}, ${lastSeal ? 'with' : 'without'} a seal`, () => {
        const run = { epoch, lastSeal };
        assert.deepEqual(parseEarlierRun(earlierRunText(run)), run);
      });
    }
  }

  const line = earlierRunText({ epoch: 9n, lastSeal: SEAL });
  for (const text of [
    '',
    '\n',
    line.slice(0, -1),
    line.slice(1),
    line.toUpperCase(),
    `${line}\n`,
  ]) {
    it(`is nothing else: ${JSON.stringify(text)}`, () => {
      assert.equal(parseEarlierRun(text), undefined);
    });
  }
});
