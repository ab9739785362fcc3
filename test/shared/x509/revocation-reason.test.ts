import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { revocationReason } from '@sallyport/shared/x509/revocation-reason.ts';

describe('reasons of revocation (RFC 5280 §5.3.1)', () => {
  for (const [number, reason] of [
    [0, 'unspecified'],
    [6, 'certificateHold'],
    [7, 'unspecified'],
    [8, 'removeFromCRL'],
    [10, 'aACompromise'],
    [11, 'unspecified'],
  ] as const) {
    it(`${number} is ${reason}`, () => assert.equal(revocationReason(number), reason));
  }
});
