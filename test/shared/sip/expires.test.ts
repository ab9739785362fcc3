import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseExpires } from '@sallyport/shared/sip/expires.ts';

//  text      seconds
const table: readonly (readonly [string, number | undefined])[] = [
  ['0', 0],
  ['3600', 3600],
  ['4294967295', 4_294_967_295],
  ['4294967296', undefined],
  ['', undefined],
  ['-1', undefined],
  ['1.1', undefined],
  ['5, 6', undefined],
  ['Thu, 01 Dec 1994 16:00:00 GMT', undefined],
  ['\u0142', undefined],
];

describe('Expires (RFC 3261 §20.19)', () => {
  for (const [text, seconds] of table) {
    it(`${JSON.stringify(text)} -> ${seconds ?? 'refused'}`, () => {
      const parsed = parseExpires(text);
      assert.equal(parsed.ok ? parsed.value : undefined, seconds);
    });
  }
});
