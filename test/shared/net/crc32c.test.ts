import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32c } from '@sallyport/shared/net/crc32c.ts';

//  bytes                                      CRC (RFC 3720 §B.4, in host order)
const rows: readonly (readonly [string, Buffer, number])[] = [
  ['32 zeros', Buffer.alloc(32), 0x8a_91_36_aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62_a8_ab_43],
  ['counting up', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46_dd_79_4e],
  ['counting down', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x11_3f_db_5c],
  ['the check string', Buffer.from('123456789'), 0xe3_06_92_83],
];

describe('CRC-32C (RFC 3720 §B.4)', () => {
  for (const [name, bytes, expected] of rows) {
    it(name, () => {
      assert.equal(crc32c(bytes, 0, bytes.length, bytes.length), expected);
    });
  }

  it('reads its own place as zero and only the range', () => {
    const bytes = Buffer.alloc(40, 0xee);
    bytes.fill(0, 4, 36);
    bytes.writeUInt32BE(0xde_ad_be_ef, 10);
    assert.equal(crc32c(bytes, 4, 36, 10), 0x8a_91_36_aa);
  });
});
