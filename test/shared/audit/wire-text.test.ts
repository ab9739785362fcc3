import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesOfText, textOfBytes } from '@sallyport/shared/audit/wire-text.ts';
import fc from 'fast-check';

//  what                                  bytes             text
const rows: readonly (readonly [string, string, string])[] = [
  ['nothing', '', ''],
  ['ASCII', '61620a00', 'ab\n\0'],
  ['UTF-8', 'c3a9f09f9880', 'é😀'],
  ['U+FFFD, sent as such', 'efbfbd', '\ufffd'],
  ['a byte that begins nothing', '61ff62', 'a\udcffb'],
  ['half a character', 'e282', '\udce2\udc82'],
  ['an overlong slash', 'c0af', '\udcc0\udcaf'],
  ['a surrogate in UTF-8', 'eda080', '\udced\udca0\udc80'],
  ['beyond Unicode', 'f4908080', '\udcf4\udc90\udc80\udc80'],
  ['both', 'c3a9ff', 'é\udcff'],
];

describe('bytes of the wire as text', () => {
  for (const [what, hex, text] of rows) {
    it(what, () => {
      const bytes = Buffer.from(hex, 'hex');
      assert.equal(textOfBytes(bytes, 0, bytes.length), text);
      assert.deepEqual(bytesOfText(text), bytes);
    });
  }

  it('reads from there to there', () => {
    assert.equal(textOfBytes(Buffer.from('61ff62ff', 'hex'), 1, 3), '\udcffb');
  });

  it('makes other lone surrogates a replacement character', () => {
    assert.deepEqual(bytesOfText('a\ud800\udc7f'), Buffer.from('a\u{1007f}'));
    assert.deepEqual(bytesOfText('a\ud800'), Buffer.from('a\ufffd'));
    assert.deepEqual(bytesOfText('\udc7f'), Buffer.from('\ufffd'));
  });

  it('loses nothing, whatever came', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
        const bytes = Buffer.from(array);
        const text = textOfBytes(bytes, 0, bytes.length);
        assert.deepEqual(bytesOfText(text), bytes);
        assert.doesNotMatch(text, /[\ud800-\udbff](?![\udc00-\udfff])/);
      }),
    );
  });
});
