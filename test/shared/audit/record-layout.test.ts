import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  recordLengthAt,
  recordSeqAt,
  recordTimeAt,
  recordTypeAt,
  SEQ_MAX,
  u16At,
  u32At,
} from '@sallyport/shared/audit/record-layout.ts';

describe('the head of a record', () => {
  it('is read anywhere in a buffer, the largest numbers too', () => {
    const bytes = Buffer.from('ffff2000010affffffffffffffffffffffff', 'hex');
    assert.equal(recordLengthAt(bytes, 2), 0x20_00);
    assert.equal(recordTypeAt(bytes, 2), 0x0a);
    assert.equal(recordTimeAt(bytes, 2), 2 ** 48 - 1);
    assert.equal(recordSeqAt(bytes, 2), SEQ_MAX);
  });

  it('has its numbers big endian', () => {
    const bytes = Buffer.from('000e010101020304050681828384', 'hex');
    assert.equal(recordTimeAt(bytes, 0), 0x01_02_03_04_05_06);
    assert.equal(recordSeqAt(bytes, 0), 0x81_82_83_84);
    assert.equal(u16At(bytes, 10), 0x81_82);
    assert.equal(u32At(bytes, 10), 0x81_82_83_84);
  });
});
