import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { visibleText } from '@sallyport/app-gateway/ledger/render/visible-text.ts';
import { textOfBytes } from '@sallyport/shared/audit/wire-text.ts';
import fc from 'fast-check';
import { HOSTILE } from './hostile-values.ts';

/** Undoes the escapes: what was there can be told from its text alone. */
function octetsOf(visible: string): Buffer {
  const parts: Buffer[] = [];
  for (const [token, octet, code] of visible.matchAll(
    /\\x([0-9a-f]{2})|\\u\{([0-9a-f]+)\}|\\\\|[^\\]/gu,
  )) {
    if (octet !== undefined) parts.push(Buffer.from(octet, 'hex'));
    else if (code !== undefined)
      parts.push(Buffer.from(String.fromCodePoint(Number.parseInt(code, 16))));
    else parts.push(Buffer.from(token === '\\\\' ? '\\' : token));
  }
  return Buffer.concat(parts);
}

describe('text that steers nothing', () => {
  for (const [name, octets] of HOSTILE) {
    it(`${name}: nothing dangerous is left, and the octets can be told`, () => {
      const visible = visibleText(octets);
      assert.doesNotMatch(visible, /[\p{C}\p{Zl}\p{Zp}]/u);
      assert.deepEqual(octetsOf(visible), octets);
      assert.equal(visibleText(textOfBytes(octets, 0, octets.length)), visible);
    });
  }

  it('is as the manual says', () => {
    const rows: readonly (readonly [string | Buffer, string])[] = [
      ['a\\b', 'a\\\\b'],
      ['\x1b[2J', '\\u{1b}[2J'],
      ['\u202e', '\\u{202e}'],
      [Buffer.from([0xff, 0x41]), '\\xffA'],
      ['grüße', 'grüße'],
      ['', ''],
    ];
    for (const [value, visible] of rows) assert.equal(visibleText(value), visible);
  });

  it('tells any octets apart (property)', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
      const visible = visibleText(octets);
      assert.doesNotMatch(visible, /[\p{C}\p{Zl}\p{Zp}]/u);
      assert.deepEqual(octetsOf(visible), Buffer.from(octets));
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 500 });
  });
});
