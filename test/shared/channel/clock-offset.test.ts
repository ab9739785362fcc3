import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  asked,
  type ClockVerdict,
  clockVerdict,
  decodeTime,
  encodeTime,
  isQuestionDue,
  knowsTime,
  NOT_COMPARED,
  told,
} from '@sallyport/shared/channel/clock-offset.ts';
import fc from 'fast-check';
import { helloOf } from '../io/channel-fixture.ts';

const NOW_MS = 1_763_692_000_000;

describe('two clocks compared', () => {
  it('are asked about at once, and then once a minute', () => {
    assert.ok(isQuestionDue(NOT_COMPARED, 0));
    const first = asked(NOT_COMPARED, 500);
    assert.equal(isQuestionDue(first, 60_499), false);
    assert.ok(isQuestionDue(first, 60_500));
  });

  //  peer's clock  way there and back   ahead  within  verdict
  const rows: readonly (readonly [number, number, number, number, ClockVerdict])[] = [
    [0, 0, 0, 1, 'right'],
    [0, 10, 5, 6, 'right'],
    [-995, 10, -990, 6, 'right'],
    [1000, 0, 1000, 1, 'right'],
    [1001, 0, 1001, 1, 'differs'],
    [-1001, 0, -1001, 1, 'differs'],
    [1001, 2, 1002, 2, 'differs'],
    [60_000, 0, 60_000, 1, 'differs'],
    [60_001, 0, 60_001, 1, 'too-far'],
    [-60_001, 0, -60_001, 1, 'too-far'],
    [-3000, 8000, 1000, 4001, 'right'],
  ];
  for (const [peerMs, roundTripMs, aheadMs, withinMs, verdict] of rows) {
    it(`${peerMs} ms at an answer after ${roundTripMs} ms: ${verdict}`, () => {
      const own = { monotonicMs: 100 + roundTripMs, wallMs: NOW_MS };
      const after = told(asked(NOT_COMPARED, 100), 1, NOW_MS + peerMs, own);
      assert.deepEqual(after.offset, { aheadMs, withinMs });
      assert.equal(after.verdict, verdict);
      assert.equal(clockVerdict({ aheadMs, withinMs }), verdict);
    });
  }

  it('hold the truth within what is said, whatever part of the way the answer took', () => {
    const offsets = fc.integer({ min: -1e9, max: 1e9 });
    const ways = fc.tuple(fc.double(WAY), fc.double(WAY));
    fc.assert(
      fc.property(offsets, ways, (offsetMs, [thereMs, backMs]) => {
        const askedAtMs = 1000.25;
        const toldMs = Math.floor(NOW_MS + thereMs + offsetMs);
        const own = {
          monotonicMs: askedAtMs + thereMs + backMs,
          wallMs: Math.floor(NOW_MS + thereMs + backMs),
        };
        const { offset } = told(asked(NOT_COMPARED, askedAtMs), 1, toldMs, own);
        assert.ok(offset);
        assert.ok(Math.abs(offset.aheadMs - offsetMs) <= offset.withinMs + 1);
      }),
      { seed: 20_261_121, numRuns: 2000 },
    );
  });

  it('take no answer that was not asked for, and none twice', () => {
    const own = { monotonicMs: 0, wallMs: NOW_MS };
    assert.equal(told(NOT_COMPARED, 0, 0, own), NOT_COMPARED);
    const question = asked(NOT_COMPARED, 0);
    assert.equal(told(question, 2, 0, own), question);
    const answered = told(question, 1, NOW_MS, own);
    assert.equal(told(answered, 1, 0, own), answered);
  });

  it('are unknown again when a question was never answered, but not while it is under way', () => {
    const own = { monotonicMs: 0, wallMs: NOW_MS };
    const known = told(asked(NOT_COMPARED, 0), 1, NOW_MS, own);
    const underWay = asked(known, 60_000);
    assert.notEqual(underWay.offset, undefined);
    assert.equal(asked(underWay, 120_000).offset, undefined);
  });

  it('count their questions round', () => {
    assert.equal(asked({ ...NOT_COMPARED, question: 2 ** 32 - 1 }, 0).question, 0);
  });
});

const WAY = { min: 0, max: 10_000, noNaN: true } as const;

describe('a time on the wire', () => {
  for (const [wallMs, hex] of [
    [0, '0000000000000000'],
    [NOW_MS, '0000019aa43c3300'],
    [8_640_000_000_000_000, '001eb208c2dc0000'],
  ] as const) {
    it(`${wallMs}`, () => {
      assert.equal(encodeTime(wallMs).toString('hex'), hex);
      assert.equal(decodeTime(Buffer.from(`ff${hex}ff`, 'hex'), 1, 9), wallMs);
    });
  }

  it('before 1970, or after the last date, is cut to what can be said', () => {
    assert.equal(encodeTime(-1).toString('hex'), '0000000000000000');
    assert.equal(encodeTime(Number.MAX_SAFE_INTEGER).toString('hex'), '001eb208c2dc0000');
  });

  for (const hex of ['', '00', '00000000000000', '000000000000000000', '001eb208c2dc0001']) {
    it(`0x${hex} is none`, () => {
      assert.equal(decodeTime(Buffer.from(hex, 'hex'), 0, hex.length / 2), undefined);
    });
  }

  for (const [ours, theirs, expected] of [
    [[1, 2, 3], [1, 2, 3], true],
    [[1, 2, 3], [1, 2], false],
    [[1, 2, 3], [1], false],
    [[1, 2], [1, 2, 3], false],
  ] as const) {
    it(`between ${ours.join()} and ${theirs.join()}: ${expected ? 'told' : 'never told'}`, () => {
      assert.equal(knowsTime(ours, helloOf('gateway', { protocolVersions: theirs })), expected);
    });
  }

  it('is not asked before a hello', () => {
    assert.equal(knowsTime([1, 2, 3], undefined), false);
  });
});
