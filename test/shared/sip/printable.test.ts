import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { skipPrintable } from '@sallyport/shared/sip/printable.ts';

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);
const isPrintable = (byte: number) => byte >= 0x20 && byte <= 0x7e;

describe('printable bytes', () => {
  it('end at each byte that is none, wherever it stands among the others', () => {
    for (const byte of BYTES) {
      for (const among of [0x20, 0x41, 0x7e]) {
        for (let at = 0; at < 9; at++) {
          const bytes = new Uint8Array(9).fill(among);
          bytes[at] = byte;
          const end = isPrintable(byte) ? 9 : at;
          assert.equal(skipPrintable(new DataView(bytes.buffer), 0, 9), end, `${byte} at ${at}`);
        }
      }
    }
  });

  it('are not looked for before the start, from the stop on, or past the end of the bytes', () => {
    const bytes = Uint8Array.of(0, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0);
    const view = new DataView(bytes.buffer);
    for (let start = 1; start <= 8; start++) {
      for (let stop = start; stop <= 8; stop++) {
        assert.equal(skipPrintable(view, start, stop), stop, `${start} to ${stop}`);
      }
    }
    assert.equal(skipPrintable(view, 3, 9), 8);
    assert.equal(skipPrintable(view, 0, 9), 0);
  });

  it('are told apart in every pair of neighbours', () => {
    for (const one of BYTES) {
      for (const other of BYTES) {
        const view = new DataView(Uint8Array.of(0x41, one, other, 0x41).buffer);
        const end = isPrintable(one) ? (isPrintable(other) ? 4 : 2) : 1;
        assert.equal(skipPrintable(view, 0, 4), end, `${one} ${other}`);
      }
    }
  });
});
