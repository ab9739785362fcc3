import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { BodyHash } from '@sallyport/dmz-proxy/audit/body-hash.ts';

const SALT = Buffer.from('a salt of thirty-two octets, just');
/** Octets that are no text in any encoding, at another place than the start. */
const MESSAGE = Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * 7 + (i >>> 8)) & 0xff));
const AT = 13;

describe('hash of a body', () => {
  for (const length of [1, 2, 55, 56, 1000, 16_383, 16_384, 16_385, 39_000]) {
    it(`is SHA-256 of salt and ${length} octets`, () => {
      const expected = createHash('sha256')
        .update(SALT)
        .update(MESSAGE.subarray(AT, AT + length))
        .digest();
      const bodyHash = new BodyHash(SALT);
      assert.deepEqual(bodyHash.of(MESSAGE, AT, AT + length), expected);
    });
  }

  it('tells nothing of the body before', () => {
    const bodyHash = new BodyHash(SALT);
    bodyHash.of(MESSAGE, 0, 16_000);
    const expected = createHash('sha256').update(SALT).update(MESSAGE.subarray(5, 9)).digest();
    assert.deepEqual(bodyHash.of(MESSAGE, 5, 9), expected);
  });
});
