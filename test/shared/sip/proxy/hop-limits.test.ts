import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  forwardedMaxBreadth,
  forwardedMaxForwards,
} from '@sallyport/shared/sip/proxy/hop-limits.ts';

type Rows = readonly (readonly [number | undefined, number | undefined])[];

describe('Max-Forwards on the way on (RFC 3261 §16.6 step 3)', () => {
  const rows: Rows = [
    [undefined, 70],
    [0, undefined],
    [1, 0],
    [70, 69],
    [255, 254],
  ];
  for (const [received, sent] of rows) {
    it(`${received} -> ${sent}`, () => assert.equal(forwardedMaxForwards(received), sent));
  }
});

describe('Max-Breadth on the way on (RFC 5393 §5.3.3)', () => {
  const rows: Rows = [
    [undefined, 60],
    [0, undefined],
    [1, 1],
    [60, 60],
    [61, 60],
    [4_294_967_295, 60],
  ];
  for (const [received, sent] of rows) {
    it(`${received} -> ${sent}`, () => assert.equal(forwardedMaxBreadth(received), sent));
  }
});
