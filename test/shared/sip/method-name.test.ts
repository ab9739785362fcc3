import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { knownMethod } from '@sallyport/shared/sip/method-name.ts';

describe('the name of a method', () => {
  //  text        method
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['MESSAGE', 'MESSAGE'],
    ['ACK', 'ACK'],
    ['SUBSCRIBE', 'SUBSCRIBE'],
    ['message', undefined],
    ['ACKS', undefined],
    ['BYF', undefined],
    ['', undefined],
  ];
  for (const [text, method] of rows) {
    it(`${text || 'nothing'}: ${method}`, () => {
      const bytes = Buffer.from(`x${text}ACK`);
      assert.equal(knownMethod(bytes, 1, 1 + text.length), method);
    });
  }
});
