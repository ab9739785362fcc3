import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathWords } from '@sallyport/certs/path-words.ts';

describe('path faults in words', () => {
  for (const [fault, told] of [
    [
      'path-issuer-not-ca',
      'refused: the certificate above it is not marked as an authority, or a root not critically (path-issuer-not-ca)',
    ],
    [
      'path-pin-mismatch',
      'refused: no certificate of its path has a key that was pinned (path-pin-mismatch)',
    ],
  ] as const) {
    it(fault, () => assert.equal(pathWords(fault), told));
  }
});
