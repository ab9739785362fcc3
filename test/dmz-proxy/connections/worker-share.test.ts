import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workerShare } from '@sallyport/dmz-proxy/connections/worker-share.ts';
import { SourceLimits } from '@sallyport/shared/net/source-limits.ts';

const HOST = {
  connectionsMax: 20_000,
  connectionsPerSourceMax: 64,
  connectionsPerSourcePerSecond: 20,
};

const ROWS = [
  { workers: 1, shares: [20_000, 64, 20] },
  { workers: 2, shares: [10_000, 32, 10] },
  { workers: 3, shares: [6667, 22, 7] },
  { workers: 64, shares: [313, 1, 1] },
] as const;

describe('a worker of several', () => {
  for (const { workers, shares } of ROWS) {
    it(`grants its part, rounded up, as one of ${workers}`, () => {
      assert.deepEqual(Object.values(workerShare(HOST, workers)), shares);
    });

    it(`lets a source in ${shares[1]} times as one of ${workers}, and no more`, () => {
      const share = { ...workerShare(HOST, workers), connectionsPerSourcePerSecond: 1000 };
      const limits = new SourceLimits({ ...share, sourcesMax: 8 }, 0);
      const admitted = Array.from({ length: 65 }, () => limits.admit('192.0.2.1', 0).ok);
      assert.equal(admitted.filter(Boolean).length, shares[1]);
    });
  }

  it('lets nobody in where the host lets nobody in', () => {
    assert.equal(
      workerShare({ ...HOST, connectionsPerSourceMax: 0 }, 4).connectionsPerSourceMax,
      0,
    );
  });
});
