import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { earlierRunText, parseEarlierRun } from '@sallyport/shared/audit/earlier-run.ts';

const SEAL = { seq: 4_294_967_295, hash: Buffer.alloc(32, 0xa5) };

describe('what a run keeps for the next one', () => {
  for (const lastSeal of [undefined, { ...SEAL, seq: 1 }, SEAL]) {
    for (const epoch of [0n, 1n, 0xffff_ffff_ffff_ffffn]) {
      it(`is read as it was written: ${epoch}, seal ${lastSeal?.seq}`, () => {
        const run = { epoch, lastSeal };
        assert.deepEqual(parseEarlierRun(earlierRunText(run)), run);
      });
    }
  }

  const line = earlierRunText({ epoch: 0xa9n, lastSeal: SEAL });

  it('can be written over an older line, and over that without a seal', () => {
    const first = earlierRunText({ epoch: 0xa9n, lastSeal: { ...SEAL, seq: 7 } });
    assert.equal(line.length, first.length);
    assert.ok(line.startsWith(earlierRunText({ epoch: 0xa9n, lastSeal: undefined }).trimEnd()));
  });

  for (let length = 17; length < line.length; length++) {
    it(`is the run alone, where ${length} octets of the line are there`, () => {
      const run = { epoch: 0xa9n, lastSeal: undefined };
      assert.deepEqual(parseEarlierRun(line.slice(0, length)), run);
      const rest = '\0'.repeat(line.length - length);
      assert.deepEqual(parseEarlierRun(line.slice(0, length) + rest), run);
    });
  }

  for (const text of ['', '\n', line.slice(0, 16), line.slice(1), line.toUpperCase(), `0${line}`]) {
    it(`is nothing else: ${JSON.stringify(text)}`, () => {
      assert.equal(parseEarlierRun(text), undefined);
    });
  }
});
