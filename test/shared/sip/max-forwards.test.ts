import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMaxForwards } from '@sallyport/shared/sip/max-forwards.ts';

//  text      hops left
const table: readonly (readonly [string, number | undefined])[] = [
  ['0', 0],
  ['70', 70],
  ['0068', 68],
  ['255', 255],
  ['256', undefined],
  ['300', undefined],
  ['', undefined],
  ['-1', undefined],
  ['7 0', undefined],
  ['70;x', undefined],
  [',', undefined],
  ['\u0667', undefined],
];

describe('Max-Forwards (RFC 3261 §20.22)', () => {
  for (const [text, hops] of table) {
    it(`${JSON.stringify(text)} -> ${hops ?? 'refused'}`, () => {
      const parsed = parseMaxForwards(text);
      assert.equal(parsed.ok ? parsed.value : undefined, hops);
    });
  }
});
