import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatSource } from '@sallyport/shared/audit/source.ts';

describe('source of a stream', () => {
  it('has one text, in which the epoch keeps its width', () => {
    assert.equal(
      formatSource({ node: 'edge-1', worker: 3, epoch: 0xabcn }),
      'edge-1/3/0000000000000abc',
    );
    assert.equal(
      formatSource({ node: 'gw', worker: 0, epoch: 2n ** 64n - 1n }),
      'gw/0/ffffffffffffffff',
    );
  });
});
