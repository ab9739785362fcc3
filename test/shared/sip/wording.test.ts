import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { lineOf, nameOf, Wording } from '@sallyport/shared/sip/wording.ts';
import { ROOMY } from './message-verdict.ts';

const { plain, loose, oddlyNamed } = Wording;

//  line as it came                          wording      name       line as it goes on
const table: readonly (readonly [string, number, string, string])[] = [
  ['Subject: a', plain, 'Subject', 'Subject: a'],
  ['s:a', plain, 's', 's:a'],
  ['S:\t a', plain, 'S', 'S:\t a'],
  ['x.y_Z-1:', plain, 'x.y_Z-1', 'x.y_Z-1:'],
  ['s: \t', plain, 's', 's: \t'],
  ['s: a ', loose, 's', 's: a'],
  ['s : a', loose, 's', 's: a'],
  ['s:\r\n\ta', loose, 's', 's: a'],
  ['s: a\r\n ', loose, 's', 's: a'],
  ['X: a\r\n Content-Length: 9', loose, 'X', 'X: a Content-Length: 9'],
  ['f: "\\\0" <sip:a>', loose, 'f', 'f: " " <sip:a>'],
  ['X%: a', oddlyNamed, 'X%', 'X%: a'],
  ["!*'`+~ : a\r\n b", oddlyNamed, "!*'`+~", "!*'`+~: a b"],
];

describe('a header line', () => {
  const index = new MessageIndex(ROOMY);
  for (const [came, wording, name, goesOn] of table) {
    it(`${JSON.stringify(came)} is ${Object.keys(Wording)[wording]}`, () => {
      const bytes = Buffer.from(`BYE sip:b SIP/2.0\r\nl: 0\r\n${came}\r\n\r\n`, 'latin1');
      assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
      assert.equal(index.fault, undefined);
      assert.equal(index.wording[1], wording);
      assert.equal(index.isReworded, wording !== plain);
      assert.equal(nameOf(index, 1), name);
      assert.equal(lineOf(index, 1), `${goesOn}\r\n`);
      assert.equal(lineOf(index, 0), 'l: 0\r\n');
    });
  }

  it('of the message before does not count', () => {
    const bytes = Buffer.from('BYE sip:b SIP/2.0\r\nl: 0\r\n\r\n');
    index.scan(bytes, 0, bytes.length);
    assert.equal(index.isReworded, false);
  });
});
