import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteViews } from '@sallyport/shared/net/byte-views.ts';

describe('views of buffers', () => {
  it('show all of a buffer, and nothing beside it', () => {
    const whole = Buffer.from([1, 2, 3, 4, 5, 6]);
    const part = whole.subarray(2, 5);
    const view = new ByteViews().of(part);
    assert.deepEqual([view.byteLength, view.getUint8(0), view.getUint8(2)], [3, 3, 5]);
    assert.throws(() => view.getUint8(3), RangeError);
  });

  it('of two buffers are made once, in whatever order they are asked for', () => {
    const views = new ByteViews();
    const [one, other] = [Buffer.from([1]), Buffer.from([2])] as const;
    const viewOfOne = views.of(one);
    const viewOfOther = views.of(other);
    for (const _ of [1, 2, 3]) {
      assert.equal(views.of(one), viewOfOne);
      assert.equal(views.of(one), viewOfOne);
      assert.equal(views.of(other), viewOfOther);
    }
  });

  it('of more are always of the one that was asked for', () => {
    const views = new ByteViews();
    const buffers = [1, 2, 3].map((byte) => Buffer.from([byte]));
    for (const i of [0, 1, 2, 0, 2, 1, 1, 0]) {
      assert.equal(views.of(buffers[i] ?? Buffer.alloc(0)).getUint8(0), i + 1);
    }
  });
});
