import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTokenList } from '@sallyport/shared/sip/token-list.ts';

//  text                    tokens
const table: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['100rel', ['100rel']],
  ['100rel, timer', ['100rel', 'timer']],
  ['a,b ,\r\n c', ['a', 'b', 'c']],
  ['', undefined],
  [',', undefined],
  ['a,', undefined],
  [',a', undefined],
  ['a,,b', undefined],
  ['a b', undefined],
  ['@', undefined],
  ['"a"', undefined],
  ['\u0142', undefined],
];

describe('a list of tokens (RFC 3261 §20.32)', () => {
  for (const [text, tokens] of table) {
    it(`${JSON.stringify(text)} -> ${tokens?.join(' ') ?? 'refused'}`, () => {
      const parsed = parseTokenList(text);
      assert.deepEqual(parsed.ok ? parsed.value : undefined, tokens);
    });
  }
});
