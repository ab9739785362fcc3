import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  numberIn,
  recordLengthAt,
  recordSeqAt,
  recordTimeAt,
  recordTypeAt,
  SEQ_MAX,
  u16At,
  u32At,
  valueEndAt,
  valueStartAt,
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

//  bytes before the value                          where it starts, and ends
const headers: readonly (readonly [string, number, number])[] = [
  ['ff3800', 3, 3],
  ['ff387f', 3, 130],
  ['ff388080', 4, 132],
  ['ff388800', 4, 2052],
  ['ff38ffff', 4, 32_771],
];

describe('the header of a field', () => {
  for (const [hex, start, end] of headers) {
    it(`${hex}: from ${start} to ${end}`, () => {
      const bytes = Buffer.from(hex, 'hex');
      assert.deepEqual([valueStartAt(bytes, 1), valueEndAt(bytes, 1)], [start, end]);
    });
  }

  it('a number lies in as many bytes as there are', () => {
    const bytes = Buffer.from('ffa1fd1e8c7b00', 'hex');
    assert.equal(numberIn(bytes, 1, 1), 0);
    assert.equal(numberIn(bytes, 1, 2), 0xa1);
    assert.equal(numberIn(bytes, 1, 7), 0xa1_fd_1e_8c_7b_00);
  });
});
