import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BLOCK_BYTES,
  callText,
  DayDigest,
  DIGEST_PARTS,
  digestMarks,
  requestText,
  userText,
} from '@sallyport/app-gateway/ledger/day-digest.ts';

/** As a database asks: one block of one part. */
function mayHave(parts: readonly Buffer[], text: string): boolean {
  const { part, block, bits } = digestMarks(text);
  const octets = parts[part] ?? Buffer.alloc(0);
  const start = (block % (octets.length / BLOCK_BYTES)) * BLOCK_BYTES;
  return bits.every((bit) => ((octets[start + (bit >> 3)] ?? 0) >> (bit & 7)) & 1);
}

describe('a digest of a day', () => {
  for (const records of [0, 1, 1024, 1025, 20_000]) {
    it(`of ${records} records has every text of it, in whole blocks`, () => {
      const digest = new DayDigest(records);
      for (let at = 0; at < records; at++) digest.add(callText(`c${at}`));
      const { parts } = digest;
      assert.equal(parts.length, DIGEST_PARTS);
      const bytes = Math.max(1, Math.ceil(records / 1024)) * BLOCK_BYTES;
      assert.deepEqual([...new Set(parts.map(({ length }) => length))], [bytes]);
      for (let at = 0; at < records; at++) assert.ok(mayHave(parts, callText(`c${at}`)));
    });
  }

  it('has hardly any other text, even with one and a half of each record', () => {
    const records = 20_000;
    const digest = new DayDigest(records);
    for (let at = 0; at < 1.5 * records; at++) digest.add(callText(`c${at}`));
    const others = 100_000;
    let wrong = 0;
    for (let at = 0; at < others; at++) {
      if (mayHave(digest.parts, callText(`other${at}`))) wrong++;
    }
    assert.ok(wrong < others / 2000, `${wrong} of ${others}`);
  });

  it('tells apart what texts are of', () => {
    const digest = new DayDigest(1);
    digest.add(callText('7 8'));
    assert.deepEqual(
      [callText('7 8'), userText('7 8'), requestText(7, 8)].map((text) =>
        mayHave(digest.parts, text),
      ),
      [true, false, false],
    );
  });

  it('has its marks where it will always look for them', () => {
    assert.deepEqual(digestMarks(callText('a84b4c76e66710@pc33.example')), {
      part: 36,
      block: 238_075_122,
      bits: [499, 478, 412, 395, 413, 250, 73, 431],
    });
  });
});
