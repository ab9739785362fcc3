import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';

describe('a fingerprint for people', () => {
  for (const [fingerprint, text] of [
    ['', ''],
    ['ab1', 'ab1'],
    ['ab12', 'ab12'],
    ['ab12c', 'ab12 c'],
    ['0123456789abcdef', '0123 4567 89ab cdef'],
  ] as const) {
    it(`${fingerprint}: ${text}`, () => assert.equal(formatFingerprint(fingerprint), text));
  }
});
