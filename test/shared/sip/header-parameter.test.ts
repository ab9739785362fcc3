import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeaderParameter } from '@sallyport/shared/sip/header-parameter.ts';

//  text                 name      value         index past it
const table: readonly (readonly [string, string, string | undefined, number])[] = [
  [';a', 'a', undefined, 2],
  [';a;b', 'a', undefined, 2],
  [';a=b', 'a', 'b', 4],
  [' ; a = b ;c'.trimStart(), 'a', 'b', 8],
  [';\r\n a\r\n =\r\n b', 'a', 'b', 13],
  [';a="b;c"', 'a', '"b;c"', 8],
  [';a=[::1]', 'a', '[::1]', 8],
  [';a=::1', 'a', '::1', 6],
  [';a=2001:db8::9:255;b', 'a', '2001:db8::9:255', 18],
  [';a=192.0.2.1', 'a', '192.0.2.1', 12],
  [';a=b,c', 'a', 'b', 4],
];

const refused: readonly string[] = [
  ';',
  ';;',
  ';=',
  ';a=',
  ';a=;',
  ';a="b',
  ';a=[::1',
  ';a=[b]',
  ';a=b:c',
  ';a=@',
  '; ',
];

describe('a parameter of a field', () => {
  for (const [text, name, value, end] of table) {
    it(`${JSON.stringify(text)} is ${name}, ${value}`, () => {
      const bytes = Buffer.from(text);
      const parameter = new HeaderParameter();
      assert.equal(parameter.scan(bytes, 0, bytes.length), end);
      assert.equal(text.slice(parameter.nameStart, parameter.nameEnd), name);
      const { valueStart, valueEnd } = parameter;
      assert.equal(valueStart < 0 ? undefined : text.slice(valueStart, valueEnd), value);
    });
  }

  for (const text of refused) {
    it(`${text} is none`, () => {
      const bytes = Buffer.from(text);
      assert.equal(new HeaderParameter().scan(bytes, 0, bytes.length), -1);
    });
  }
});
