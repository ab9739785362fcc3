import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HEX, TOKEN, USER } from '@sallyport/shared/sip/byte-class.ts';
import {
  bytesOf,
  decimal,
  endOfPort,
  endOfQuoted,
  endOfToken,
  isWord,
  skipClass,
  skipEscaped,
  skipSpace,
} from '@sallyport/shared/sip/grammar.ts';

type Rule = (bytes: Uint8Array, start: number, end: number) => number;

const user: Rule = (bytes, start, end) => skipEscaped(bytes, start, end, USER);
const hex: Rule = (bytes, start, end) => skipClass(bytes, start, end, HEX);
const byte: Rule = (bytes, start, end) => decimal(bytes, start, end, 255);

//  rule          text            result
const table: readonly (readonly [string, Rule, string, number])[] = [
  ['skipSpace', skipSpace, '', 0],
  ['skipSpace', skipSpace, 'a', 0],
  ['skipSpace', skipSpace, ' \t a', 3],
  ['skipSpace', skipSpace, ' \r\n a', 4],
  ['skipSpace', skipSpace, '\r\n\ta', 3],
  ['skipSpace', skipSpace, '\r\na', 0],
  ['skipSpace', skipSpace, ' \r\n', 1],
  ['skipSpace', skipSpace, '\n a', 0],
  ['skipClass', hex, 'fFg', 2],
  ['skipClass', hex, 'g', 0],
  ['endOfToken', endOfToken, '', -1],
  ['endOfToken', endOfToken, ';', -1],
  ['endOfToken', endOfToken, "a-.!%*_+`'~9 b", 12],
  ['skipEscaped', user, 'a%20b@', 5],
  ['skipEscaped', user, '%00%fF', 6],
  ['skipEscaped', user, '@', 0],
  ['skipEscaped', user, 'a%', -1],
  ['skipEscaped', user, 'a%2', -1],
  ['skipEscaped', user, 'a%2g', -1],
  ['endOfQuoted', endOfQuoted, '""', 2],
  ['endOfQuoted', endOfQuoted, '"a" b', 3],
  ['endOfQuoted', endOfQuoted, '"\\""', 4],
  ['endOfQuoted', endOfQuoted, '"\\\\"', 4],
  ['endOfQuoted', endOfQuoted, '"\\\0\\\x7f"', 6],
  ['endOfQuoted', endOfQuoted, '"\u00e9"', 3],
  ['endOfQuoted', endOfQuoted, '"a\r\n b"', 7],
  ['endOfQuoted', endOfQuoted, '', -1],
  ['endOfQuoted', endOfQuoted, 'a"', -1],
  ['endOfQuoted', endOfQuoted, '"a', -1],
  ['endOfQuoted', endOfQuoted, '"a\\', -1],
  ['endOfQuoted', endOfQuoted, '"a\\"', -1],
  ['endOfQuoted', endOfQuoted, '"\0"', -1],
  ['endOfQuoted', endOfQuoted, '"\x7f"', -1],
  ['endOfQuoted', endOfQuoted, '"\n"', -1],
  ['endOfQuoted', endOfQuoted, '"\r\n"', -1],
  ['endOfQuoted', endOfQuoted, '"\\\r"', -1],
  ['endOfQuoted', endOfQuoted, '"\\\n"', -1],
  ['endOfQuoted', endOfQuoted, '"\\\u00e9"', -1],
  ['decimal', byte, '', -1],
  ['decimal', byte, '0', 0],
  ['decimal', byte, '00255', 255],
  ['decimal', byte, '256', -1],
  ['decimal', byte, '9'.repeat(400), -1],
  ['decimal', byte, '-1', -1],
  ['decimal', byte, '1 ', -1],
  ['decimal', byte, '1a', -1],
  ['endOfPort', endOfPort, '1', 1],
  ['endOfPort', endOfPort, '65535;', 5],
  ['endOfPort', endOfPort, '0', -1],
  ['endOfPort', endOfPort, '65536', -1],
  ['endOfPort', endOfPort, '05061', 5],
  ['endOfPort', endOfPort, '005061', -1],
  ['endOfPort', endOfPort, '', -1],
  ['endOfPort', endOfPort, 'a', -1],
];

describe('rules of the grammar', () => {
  for (const [name, rule, text, result] of table) {
    it(`${name} of ${JSON.stringify(text.slice(0, 20))} is ${result}`, () => {
      const bytes = Buffer.from(text, 'latin1');
      assert.equal(rule(bytes, 0, bytes.length), result);
    });

    it(`${name} of ${JSON.stringify(text.slice(0, 20))} does not see what is around it`, () => {
      const around = Buffer.from(`0"${text}"\r\n 0`, 'latin1');
      const found = rule(around, 2, 2 + text.length);
      const isIndex = rule !== byte && result >= 0;
      assert.equal(found, isIndex ? result + 2 : result);
    });
  }

  for (const [text, is] of [
    ['branch', true],
    ['BranCH', true],
    ['branc', false],
    ['branch2', false],
    ['brancx', false],
    ['BRANC(', false],
  ] as const) {
    it(`${text} is${is ? '' : ' not'} the word branch`, () => {
      const bytes = Buffer.from(text);
      assert.equal(isWord(bytes, 0, bytes.length, Buffer.from('branch')), is);
    });
  }

  it('a control character is not taken for the letter or hyphen that it folds onto', () => {
    assert.equal(isWord(Buffer.from('a\rb'), 0, 3, Buffer.from('a-b')), false);
  });

  it('text that is more than bytes has no bytes', () => {
    assert.equal(bytesOf('\u0142'), undefined);
    assert.deepEqual(bytesOf('\u00ff'), Buffer.from([0xff]));
  });

  it('an end within the class is respected', () => {
    assert.equal(skipClass(Buffer.from('aaaa'), 1, 3, TOKEN), 3);
  });
});
