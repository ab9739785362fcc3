import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foldedText } from '@sallyport/app-gateway/cli/folded-text.ts';

describe('text folded to a width', () => {
  const rows: readonly (readonly [name: string, text: string, width: number, folded: string])[] = [
    ['what fits is left alone', 'one two', 7, 'one two'],
    ['one character more is folded', 'one two', 6, 'one\n  two'],
    ['a line of its own stays one', 'one\n\ntwo', 3, 'one\n\ntwo'],
    [
      'a last cell that fits a line stays whole',
      'ok  dates  good today  ends in 364 days',
      30,
      'ok  dates  good today\n           ends in 364 days',
    ],
    [
      'a row goes on below its last column',
      `ok  ${'word '.repeat(8).trim()}`,
      30,
      ['ok  word word word word word', '    word word word'].join('\n'),
    ],
    [
      'a last cell too far right stands below',
      `${'a'.repeat(20)}  one two three`,
      30,
      `${'a'.repeat(20)}\n  one two three`,
    ],
    ['what is set in stays set in', '    one two three', 12, '    one two\n      three'],
    ['a long word stays whole', `x ${'f'.repeat(20)} y`, 10, `x\n  ${'f'.repeat(20)}\n  y`],
    ['a word alone stays whole', 'f'.repeat(20), 10, 'f'.repeat(20)],
  ];
  for (const [name, text, width, folded] of rows) {
    it(name, () => assert.equal(foldedText(text, width), folded));
  }

  it('loses no word, for every width', () => {
    const text =
      'LEVEL  SETTING  STANDS AT\n[###..] medium  missingServerName  what may be a long sentence or two';
    const words = text.split(/\s+/);
    for (let width = 1; width < 90; width++) {
      assert.deepEqual(foldedText(text, width).split(/\s+/), words, `width ${width}`);
    }
  });

  it('sets paragraphs without an indent where asked', () => {
    assert.equal(foldedText('one two', 3, 0), 'one\ntwo');
  });
});
