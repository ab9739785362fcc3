import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainText } from '@sallyport/shared/sip/plain-text.ts';

//  text                            as every reader takes it
const table: readonly (readonly [string, string])[] = [
  ['a b', 'a b'],
  ['a\r\n b', 'a b'],
  ['a \t\r\n \t b', 'a b'],
  ['a\r\n \r\n\tb', 'a  b'],
  ['a  \r\n  \r\n b  c', 'a  b  c'],
  ['  \t a', '  \t a'],
  ['"\\\0"', '" "'],
  ['"\\\\\\\x7f\\""', '"\\\\ \\""'],
  ['"\\\t\\a"', '"\\\t\\a"'],
  ['\u00c3\u0080\u00c2\u0085', '\u00c3\u0080\u00c2\u0085'],
];

describe('the plain text of a value (RFC 3261 §7.3.1, RFC 4475 §3.1.1.2)', () => {
  for (const [text, plain] of table) {
    it(JSON.stringify(text), () => assert.equal(plainText(text), plain));
  }
});
