import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BufferPool } from '@sallyport/shared/io/buffer-pool.ts';

describe('a pool of output buffers', () => {
  it('lends a buffer again once its write is over, and tells the owner how much left', () => {
    const pool = new BufferPool(100, 4);
    const slot = pool.take(10);
    const left: number[] = [];
    slot.bytes = 42;
    slot.owner = { slotWritten: (bytes) => left.push(bytes) };
    assert.equal(pool.free, 0);
    slot.written();
    assert.deepEqual(left, [42]);
    assert.equal(pool.free, 1);
    assert.equal(pool.take(100), slot);
    assert.equal(slot.owner, undefined);
  });

  it('gives a larger message a buffer of its own and does not keep it', () => {
    const pool = new BufferPool(100, 4);
    const slot = pool.take(101);
    assert.equal(slot.buffer.length, 101);
    slot.written();
    assert.equal(pool.free, 0);
  });

  it('keeps no more than its limit', () => {
    const pool = new BufferPool(100, 2);
    const slots = [1, 2, 3].map((bytes) => pool.take(bytes));
    for (const slot of slots) pool.giveBack(slot);
    assert.equal(pool.free, 2);
  });
});
