import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type SourceLease,
  SourceLimits,
  type SourceLimitsOptions,
  sourceKey,
} from '@sallyport/shared/net/source-limits.ts';

const OPTIONS: SourceLimitsOptions = {
  connectionsMax: 100,
  connectionsPerSourceMax: 2,
  connectionsPerSourcePerSecond: 4,
  sourcesMax: 10,
};

describe('source limits', () => {
  it('bounds open connections per source and gives them back', () => {
    const limits = new SourceLimits(OPTIONS, 0);
    const first = admitted(limits, '192.0.2.1', 0);
    admitted(limits, '192.0.2.1', 0);
    assert.equal(outcome(limits, '192.0.2.1', 0), 'source-connections-max');
    admitted(limits, '192.0.2.2', 0);
    limits.release(first);
    admitted(limits, '192.0.2.1', 0);
    assert.equal(limits.connections, 3);
  });

  it('bounds new connections per source and second, refused ones counted', () => {
    const limits = new SourceLimits(OPTIONS, 0);
    const outcomes = Array.from({ length: 6 }, () => outcome(limits, '192.0.2.1', 0));
    assert.deepEqual(outcomes, [
      'admitted',
      'admitted',
      'source-connections-max',
      'source-connections-max',
      'source-rate',
      'source-rate',
    ]);
    assert.equal(outcome(limits, '192.0.2.1', 249), 'source-rate');
    assert.equal(outcome(limits, '192.0.2.1', 250), 'source-connections-max');
  });

  it('bounds all connections together', () => {
    const limits = new SourceLimits({ ...OPTIONS, connectionsMax: 3 }, 0);
    for (const host of [1, 2, 3]) admitted(limits, `192.0.2.${host}`, 0);
    assert.equal(outcome(limits, '192.0.2.4', 0), 'connections-max');
  });

  it('a rate of zero admits nobody', () => {
    const limits = new SourceLimits({ ...OPTIONS, connectionsPerSourcePerSecond: 0 }, 0);
    assert.equal(outcome(limits, '192.0.2.1', 0), 'source-rate');
  });

  it('a flood of other sources does not make it forget one that used up its rate', () => {
    const limits = new SourceLimits(OPTIONS, 0);
    for (let i = 0; i < 4; i++) outcome(limits, '192.0.2.1', 0);
    for (let i = 0; i < 1000; i++) outcome(limits, `198.51.${i >> 8}.${i & 0xff}`, 0);
    assert.equal(outcome(limits, '192.0.2.1', 0), 'source-rate');
    assert.equal(limits.sources, OPTIONS.sourcesMax);
  });

  it('nor one that holds connections, however long ago they were opened', () => {
    const limits = new SourceLimits(OPTIONS, 0);
    admitted(limits, '192.0.2.1', 0);
    admitted(limits, '192.0.2.1', 0);
    for (let i = 0; i < 1000; i++) {
      const result = limits.admit(`198.51.${i >> 8}.${i & 0xff}`, 1000 * i);
      if (result.ok) limits.release(result.value);
    }
    assert.equal(outcome(limits, '192.0.2.1', 2_000_000), 'source-connections-max');
    assert.ok(limits.sources <= OPTIONS.sourcesMax);
  });

  it('when every record matters, strangers share the limits of one source', () => {
    const limits = new SourceLimits(OPTIONS, 0);
    for (let host = 1; host <= 10; host++) admitted(limits, `192.0.2.${host}`, 0);
    const strangers = Array.from({ length: 5 }, (_, i) => outcome(limits, `203.0.113.${i}`, 0));
    assert.deepEqual(strangers.slice(0, 3), ['admitted', 'admitted', 'source-connections-max']);
    admitted(limits, '192.0.2.5', 0);
  });

  it('records that say nothing make room', () => {
    const limits = new SourceLimits(OPTIONS, 0);
    for (let host = 1; host <= 10; host++) {
      limits.release(admitted(limits, `192.0.2.${host}`, 0));
    }
    for (let host = 1; host <= 10; host++) admitted(limits, `203.0.113.${host}`, 1000);
    assert.equal(limits.sources, 10);
  });

  it('new limits hold at once', () => {
    const limits = new SourceLimits(OPTIONS, 0);
    admitted(limits, '192.0.2.1', 0);
    limits.adjust({ ...OPTIONS, connectionsPerSourceMax: 1 }, 0);
    assert.equal(outcome(limits, '192.0.2.1', 0), 'source-connections-max');
  });

  //  address            source
  const keys: readonly (readonly [string, string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['not an address', 'unknown'],
  ];
  for (const [address, key] of keys) {
    it(`${address} is counted as ${key}`, () => assert.equal(sourceKey(address), key));
  }
});

function admitted(limits: SourceLimits, address: string, nowMs: number): SourceLease {
  const result = limits.admit(address, nowMs);
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value;
}

function outcome(limits: SourceLimits, address: string, nowMs: number): string {
  const result = limits.admit(address, nowMs);
  return result.ok ? 'admitted' : result.error;
}
