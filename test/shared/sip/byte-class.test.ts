import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ADDRESS,
  ALPHA,
  BYTE_CLASS,
  CONTROL,
  DIGIT,
  HEX,
  HIGH,
  HOST,
  OPAQUE,
  PARAMETER,
  PASSWORD,
  SCHEME,
  TOKEN,
  URI,
  URI_HEADER,
  USER,
  WORD,
} from '@sallyport/shared/sip/byte-class.ts';

const ALPHANUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const UNRESERVED = `${ALPHANUM}-_.!~*'()`;

//  class       its bytes (RFC 3261 §25.1)
const table: readonly (readonly [string, number, string])[] = [
  ['TOKEN', TOKEN, `${ALPHANUM}-.!%*_+\`'~`],
  ['DIGIT', DIGIT, '0123456789'],
  ['USER', USER, `${UNRESERVED}&=+$,;?/`],
  ['PASSWORD', PASSWORD, `${UNRESERVED}&=+$,`],
  ['PARAMETER', PARAMETER, `${UNRESERVED}[]/:&+$`],
  ['URI_HEADER', URI_HEADER, `${UNRESERVED}[]/?:+$`],
  ['WORD', WORD, `${ALPHANUM}-.!%*_+\`'~()<>:\\"/[]?{}`],
  ['HOST', HOST, `${ALPHANUM}-._`],
  ['HEX', HEX, '0123456789abcdefABCDEF'],
  ['ALPHA', ALPHA, ALPHANUM.slice(0, 52)],
  ['ADDRESS', ADDRESS, '0123456789abcdefABCDEF:.'],
  ['OPAQUE', OPAQUE, `${UNRESERVED};/?:@&=+$,[]`],
  ['SCHEME', SCHEME, `${ALPHANUM}+-.`],
  ['URI', URI, `${UNRESERVED};/?:@&=+$,[]%#`],
];

describe('byte classes', () => {
  for (const [name, mask, members] of table) {
    it(`${name} is ${members}`, () => {
      assert.equal(bytesOf(mask), sorted(members));
    });
  }

  it('controls are those below space but TAB, and DEL', () => {
    assert.equal(bytesOf(CONTROL).length, 32);
    assert.equal(bytesOf(CONTROL).includes('\t'), false);
  });

  it('high bytes are those above 127', () => {
    assert.equal(bytesOf(HIGH).length, 128);
  });
});

function bytesOf(mask: number): string {
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const members = all.filter((byte) => ((BYTE_CLASS[byte] ?? 0) & mask) !== 0);
  return String.fromCharCode(...members);
}

function sorted(text: string): string {
  return Array.from(text).sort().join('');
}
