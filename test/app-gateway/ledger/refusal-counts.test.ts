import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RECORDED_A_MINUTE, RefusalCounts } from '@sallyport/app-gateway/ledger/refusal-counts.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';

function stage() {
  const clock = new ManualClock();
  const gaps: string[] = [];
  const counts = new RefusalCounts((type, { lostRecords, lostFromMs, lostUntilMs, code, note }) => {
    const lastedMs = Number(lostUntilMs) - Number(lostFromMs);
    gaps.push(`${type} ${code}: ${lostRecords} in ${lastedMs} ms, ${note}`);
    return Promise.resolve(true);
  }, clock);
  const take = (times: number, source: string, kind: string) => {
    let taken = 0;
    for (let at = 0; at < times; at++) if (counts.takes(source, kind)) taken++;
    return taken;
  };
  return { clock, counts, gaps, take };
}

describe('refusals of a flood', () => {
  it('have a record each up to the limit; how many more there were is on record a minute later', () => {
    const { clock, gaps, take } = stage();
    assert.equal(take(RECORDED_A_MINUTE + 7, 'edge-2', 'partner-unknown'), RECORDED_A_MINUTE);
    clock.advance(400);
    assert.equal(take(3, 'edge-2', 'partner-unknown'), 0);
    assert.deepEqual(gaps, []);
    clock.advance(59_600);
    assert.deepEqual(gaps, ['gap refusals-counted: 10 in 400 ms, partner-unknown, from edge-2']);
    assert.equal(take(1, 'edge-2', 'partner-unknown'), 1);
    clock.advance(60_000);
    assert.equal(gaps.length, 1);
  });

  it('hide no other kind, and no other source', () => {
    const { take } = stage();
    take(RECORDED_A_MINUTE + 1, 'edge-2', 'partner-unknown');
    assert.equal(take(1, 'edge-2', 'method-not-allowed'), 1);
    assert.equal(take(1, 'edge-1', 'partner-unknown'), 1);
  });

  it('are counted together beyond so many kinds of one source', () => {
    const { counts, gaps, take } = stage();
    let recorded = 0;
    for (let kind = 0; kind < 3000; kind++) recorded += take(1, 'edge-2', `kind ${kind}`);
    assert.equal(recorded, 64 + RECORDED_A_MINUTE);
    counts.tell();
    assert.deepEqual(gaps, ['gap refusals-counted: 1736 in 0 ms, other kinds, from edge-2']);
  });

  it('are told at the end, and leave no timer', () => {
    const { clock, counts, gaps, take } = stage();
    take(RECORDED_A_MINUTE + 1, 'staff', 'no-open-relay');
    counts.tell();
    assert.equal(gaps.length, 1);
    clock.advance(120_000);
    assert.equal(gaps.length, 1);
  });
});
