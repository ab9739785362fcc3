import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BufferPool, type ByteWriter } from '@sallyport/shared/io/buffer-pool.ts';
import type { Flushable, FlushSchedule } from '@sallyport/shared/io/flush-schedule.ts';
import { OutputBuffer } from '@sallyport/shared/io/output-buffer.ts';
import fc from 'fast-check';

/** A socket that takes bytes and says so when the test wants. */
class SlowWriter implements ByteWriter {
  readonly writes: string[] = [];
  readonly #pending: { chunk: Buffer; done: () => void }[] = [];

  write(chunk: Buffer, done: () => void): boolean {
    this.#pending.push({ chunk, done });
    return true;
  }

  /** The kernel takes everything; only now are the bytes looked at. */
  take(): void {
    for (const { chunk, done } of this.#pending.splice(0)) {
      this.writes.push(chunk.toString('latin1'));
      done();
    }
  }
}

function setUp(highWaterBytes = 1000, slotBytes = 10, departing: () => void = () => undefined) {
  const dirty: Flushable[] = [];
  const drains: number[] = [];
  const schedule: FlushSchedule = {
    dirty: (target) => dirty.push(target),
    more: () => undefined,
    flushed: () => undefined,
  };
  const writer = new SlowWriter();
  const pool = new BufferPool(slotBytes, 100);
  const output = new OutputBuffer(writer, {
    pool,
    schedule,
    highWaterBytes,
    drained: () => drains.push(output.pendingBytes),
    departing,
  });
  const put = (text: string): boolean => output.write(Buffer.from(text, 'latin1'), 0, text.length);
  return { output, writer, pool, dirty, drains, put };
}

describe('output buffer', () => {
  it('writes the messages of a turn together', () => {
    const { output, writer, dirty, put } = setUp();
    for (const text of ['ab', 'cd', 'ef']) put(text);
    assert.deepEqual(dirty, [output], 'scheduled once');
    assert.equal(output.pendingBytes, 6);
    output.flush();
    writer.take();
    assert.deepEqual(writer.writes, ['abcdef']);
    assert.equal(output.pendingBytes, 0);
  });

  it('writes a full buffer at once and goes on in another', () => {
    const { output, writer, put } = setUp();
    for (const text of ['abcdef', 'ghijkl', 'mno']) put(text);
    output.flush();
    writer.take();
    writer.take();
    assert.deepEqual(writer.writes, ['abcdef', 'ghijklmno']);
  });

  it('takes what is committed while it departs along in the same write', () => {
    const { output, writer, dirty } = setUp(1000, 10, () => {
      if (riders.length > 0) output.write(Buffer.from(riders.splice(0).join('')), 0, 2);
    });
    const riders: string[] = ['r1'];
    output.write(Buffer.from('ab'), 0, 2);
    output.flush();
    writer.take();
    assert.deepEqual(writer.writes, ['abr1']);
    assert.equal(dirty.length, 1);
    riders.push('r2');
    output.expectFlush();
    output.expectFlush();
    assert.equal(dirty.length, 2, 'scheduled once, with nothing gathered yet');
    output.flush();
    writer.take();
    assert.deepEqual(writer.writes, ['abr1', 'r2']);
    output.close();
    output.expectFlush();
    assert.equal(dirty.length, 2);
  });

  it('takes a message that is larger than a buffer', () => {
    const { output, writer, put } = setUp();
    for (const text of ['a', 'x'.repeat(25), 'b']) put(text);
    output.flush();
    writer.take();
    writer.take();
    assert.deepEqual(writer.writes, ['a', 'x'.repeat(25), 'b']);
  });

  it('gathers while a write is under way, and goes on by itself when the socket has taken it', () => {
    const { output, writer, pool, dirty, put } = setUp();
    for (const text of ['a', 'b', 'c']) {
      put(text);
      for (const target of dirty.splice(0)) target.flush();
    }
    assert.equal(pool.free, 0);
    assert.equal(output.pendingBytes, 3);
    writer.take();
    assert.deepEqual(writer.writes, ['a']);
    writer.take();
    assert.deepEqual(writer.writes, ['a', 'bc']);
    assert.equal(pool.free, 2, 'two buffers were all it took');
    put('d');
    assert.deepEqual(dirty, [output], 'and is scheduled again');
  });

  it('hands over all at once before the end, whatever is under way', () => {
    const { output, writer, put } = setUp();
    put('a');
    output.flush();
    put('b');
    output.flush();
    output.writeAll();
    output.close();
    writer.take();
    assert.deepEqual(writer.writes, ['a', 'b']);
  });

  it('lets the patient wait for the next message or for the end', () => {
    const { output, writer, dirty, put } = setUp();
    const putPatiently = (text: string) => {
      const at = output.reserve(text.length);
      output.buffer.write(text, at, 'latin1');
      output.commitPatiently(text.length);
    };
    putPatiently('a');
    putPatiently('b');
    assert.deepEqual(dirty, []);
    assert.equal(output.pendingBytes, 2);
    put('c');
    assert.deepEqual(dirty, [output]);
    output.flush();
    writer.take();
    putPatiently('d');
    output.writeAll();
    writer.take();
    assert.deepEqual(writer.writes, ['abc', 'd']);
  });

  it('owns no buffer while idle, and none of its own twice', () => {
    const { output, writer, pool, put } = setUp();
    put('abc');
    output.flush();
    assert.equal(pool.free, 0, 'the socket still has it');
    writer.take();
    assert.equal(pool.free, 1);
    output.flush();
    assert.equal(pool.free, 1);
    assert.equal(output.buffer.length, 0);
  });

  it('takes less than was reserved, and nothing without a commit', () => {
    const { output, writer } = setUp();
    output.reserve(5);
    output.buffer.write('lost', output.reserve(5), 'latin1');
    output.buffer.write('ok', output.reserve(5), 'latin1');
    output.commit(2);
    output.flush();
    writer.take();
    assert.deepEqual(writer.writes, ['ok']);
  });

  it('says stop above its mark, and drained at half of it, once', () => {
    const { output, writer, drains, put } = setUp(20);
    assert.equal(put('x'.repeat(20)), true);
    assert.equal(put('x'), false);
    output.flush();
    assert.deepEqual(drains, []);
    writer.take();
    assert.equal(drains.length, 1);
    assert.ok(drains.every((pendingBytes) => pendingBytes <= 10));
    put('x');
    output.flush();
    writer.take();
    assert.equal(drains.length, 1);
  });

  it('drops what it has when it is closed, and says nothing any more', () => {
    const { output, writer, drains, pool, put } = setUp(5);
    put('x'.repeat(8));
    output.flush();
    put('more');
    output.close();
    assert.equal(pool.free, 1, 'the buffer that was not written');
    assert.equal(put('after'), true);
    output.flush();
    writer.take();
    assert.deepEqual(writer.writes, ['x'.repeat(8)]);
    assert.deepEqual(drains, []);
  });

  it('loses, repeats and mixes up nothing, and buffers are not lent while the socket has them', () => {
    const action = fc.oneof(
      fc.string({ maxLength: 30, unit: 'binary-ascii' }),
      fc.constantFrom('flush' as const, 'take' as const).map((name) => ({ name })),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { output, writer, put } = setUp();
        let expected = '';
        for (const entry of actions) {
          if (typeof entry === 'string') {
            put(entry);
            expected += entry;
          } else if (entry.name === 'flush') output.flush();
          else writer.take();
        }
        output.writeAll();
        writer.take();
        assert.equal(writer.writes.join(''), expected);
        assert.equal(output.pendingBytes, 0);
      }),
    );
  });
});
