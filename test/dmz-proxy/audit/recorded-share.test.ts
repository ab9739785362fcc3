import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecordedShare } from '@sallyport/dmz-proxy/audit/recorded-share.ts';
import { streamUnderTest, WITNESS } from './audit-fixture.ts';

describe('the refusals that have a record each', () => {
  function stage() {
    const under = streamUnderTest();
    const clock = { wallMs: 90_000 };
    const share = new RecordedShare(under.stream, () => clock.wallMs, {
      ...{ max: 3, windowMs: 1000, code: 'messages-refused' },
    });
    const taken = (times: number, kind: string, reason = 'busy') => {
      let count = 0;
      for (let at = 0; at < times; at++) if (share.takes(reason, kind)) count++;
      return count;
    };
    const gaps = () => {
      under.stream.sweep();
      return under
        .taken()
        .filter(({ type }) => type === 'gap')
        .map(({ fields: { code, note, lostRecords, lostFromMs, lostUntilMs } }) =>
          [code, note, lostRecords, lostFromMs, lostUntilMs].join(' '),
        );
    };
    return { under, clock, taken, gaps };
  }

  it('are so many of each kind in each window, whether the clock goes on or is set back', () => {
    const { under, clock, taken, gaps } = stage();
    under.stream.open(WITNESS.privateKey, 10_000_000);
    assert.deepEqual([taken(5, 'a'), taken(2, 'b'), taken(2, 'b')], [3, 2, 1]);
    clock.wallMs = 90_999;
    assert.equal(taken(1, 'a'), 0);
    clock.wallMs = 91_000;
    assert.equal(taken(4, 'a'), 3);
    clock.wallMs = 17;
    assert.equal(taken(4, 'a'), 3);
    assert.deepEqual(gaps(), ['messages-refused a 5 17 91000', 'messages-refused b 1 90000 90000']);
  });

  it('are none where nothing can be kept, and none are counted where nothing is recorded', () => {
    const { under, taken, gaps } = stage();
    assert.equal(taken(5, 'a'), 0);
    under.stream.open(WITNESS.privateKey, 10_000_000);
    assert.equal(taken(5, 'a', 'audit-full'), 0);
    assert.equal(taken(5, 'a'), 3);
    assert.deepEqual(gaps(), [
      'refused-while-full  5 90000 90000',
      'messages-refused a 2 90000 90000',
    ]);
  });
});
