import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startOfCseqMethod } from '@sallyport/shared/sip/cseq.ts';

//  text                    method
const table: readonly (readonly [string, string | undefined])[] = [
  ['1 INVITE', 'INVITE'],
  ['0 ACK', 'ACK'],
  ['0009\r\n  INVITE', 'INVITE'],
  ['123456  CHICKEN', 'CHICKEN'],
  ['2147483647 BYE', 'BYE'],
  ['2147483648 BYE', undefined],
  ['36893488147419103232 REGISTER', undefined],
  ['', undefined],
  ['1', undefined],
  ['1 ', undefined],
  ['1INVITE', undefined],
  ['INVITE', undefined],
  ['-1 INVITE', undefined],
  ['1 INVITE x', undefined],
  ['1 INV(ITE', undefined],
  ['1, 2 INVITE', undefined],
  ['1 \u0142', undefined],
];

describe('CSeq (RFC 3261 §20.16)', () => {
  for (const [text, value] of table) {
    it(`${JSON.stringify(text)} -> ${value ?? 'refused'}`, () => {
      const bytes = Buffer.from(text, 'utf8');
      const start = startOfCseqMethod(bytes, 0, bytes.length);
      assert.equal(start < 0 ? undefined : bytes.toString('utf8', start), value);
    });
  }
});
