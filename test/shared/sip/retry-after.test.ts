import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isRetryAfter } from '@sallyport/shared/sip/retry-after.ts';

it('a Retry-After begins with seconds (RFC 3261 §20.33)', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['5', true],
    ['18000;duration=3600', true],
    ["120 (I'm in a meeting)", true],
    ['120(now)', true],
    ['5 ;duration=3600', true],
    ['', false],
    [' 5', false],
    ['5, 6', false],
    ['5#', false],
    ['5\u00c3\u00bc', false],
    ['-5', false],
    ['12345678901', false],
    ['Fri, 26 Sep 1997 13:00:00 GMT', false],
  ];
  for (const [value, expected] of rows) assert.equal(isRetryAfter(value), expected, value);
});
