import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatCseq, parseCseq } from '@sallyport/shared/sip/cseq.ts';
import fc from 'fast-check';

//  text                    sequence, method
const table: readonly (readonly [string, readonly [number, string] | undefined])[] = [
  ['1 INVITE', [1, 'INVITE']],
  ['0 ACK', [0, 'ACK']],
  ['0009\r\n  INVITE', [9, 'INVITE']],
  ['123456  CHICKEN', [123_456, 'CHICKEN']],
  ['2147483647 BYE', [2_147_483_647, 'BYE']],
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
    it(`${JSON.stringify(text)} -> ${value?.join(' ') ?? 'refused'}`, () => {
      const cseq = parseCseq(text);
      assert.deepEqual(cseq.ok ? [cseq.value.sequence, cseq.value.method] : undefined, value);
    });
  }

  it('parse(format(cseq)) is the cseq', () => {
    const method = fc.stringMatching(/^[A-Z!%*_+`'~.-]{1,9}$/);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), method, (sequence, name) => {
        const cseq = { sequence, method: name };
        assert.deepEqual(parseCseq(formatCseq(cseq)), { ok: true, value: cseq });
      }),
      { seed: 1 },
    );
  });
});
