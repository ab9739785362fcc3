import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeEntry, encodeEntry } from '@sallyport/app-gateway/adapters/files/journal-entry.ts';
import type { RecordSpan } from '@sallyport/app-gateway/ports/ledger-store.ts';
import fc from 'fast-check';

const SPAN: RecordSpan = {
  source: { node: 'edge-1', worker: 7, epoch: 0xfedc_ba98_7654_3210n },
  records: Buffer.from('some records'),
};

describe('an entry of the journal', () => {
  const rows: readonly (readonly [string, RecordSpan])[] = [
    ['a span', SPAN],
    ['no records', { ...SPAN, records: Buffer.alloc(0) }],
    ['a name of 255 octets', { ...SPAN, source: { ...SPAN.source, node: 'é'.repeat(127) } }],
    ['the largest frame', { ...SPAN, records: Buffer.alloc(1_000_000, 1) }],
  ];
  for (const [what, span] of rows) {
    it(`gives back ${what}, wherever it lies`, () => {
      const entry = encodeEntry(span);
      const bytes = Buffer.concat([Buffer.from('before'), entry, Buffer.from('after')]);
      assert.deepEqual(decodeEntry(bytes, 6), { span, end: 6 + entry.length });
    });
  }

  it('is refused where it could not be read again', () => {
    assert.throws(() => encodeEntry({ ...SPAN, records: Buffer.alloc(1_048_570) }), RangeError);
    const node = 'n'.repeat(256);
    assert.throws(() => encodeEntry({ ...SPAN, source: { ...SPAN.source, node } }), RangeError);
  });

  it('is none when it is cut anywhere', () => {
    const entry = encodeEntry(SPAN);
    for (let length = 0; length < entry.length; length++) {
      assert.equal(decodeEntry(entry.subarray(0, length), 0), undefined, `${length} octets`);
    }
  });

  it('is none when any octet is another', () => {
    const entry = encodeEntry(SPAN);
    for (let at = 0; at < entry.length; at++) {
      const changed = Buffer.from(entry);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      assert.equal(decodeEntry(changed, 0), undefined, `octet ${at}`);
    }
  });

  it('is none in whatever else lies on a disk', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const found = decodeEntry(Buffer.from(bytes), 0);
        assert.ok(found === undefined || found.end <= bytes.length);
      }),
      { seed: 11 },
    );
    assert.equal(decodeEntry(Buffer.alloc(64), 0), undefined);
  });
});
