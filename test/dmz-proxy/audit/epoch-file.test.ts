import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { noteLastSeal, takeEpoch } from '@sallyport/dmz-proxy/audit/epoch-file.ts';

const SHORT = `0123456789abcdef ${'0'.repeat(63)}\n`;
const LONG = `0123456789abcdef ${'0'.repeat(65)}\n`;

describe('the epoch of the run before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-epoch-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is known to the next run, and unknown to the first', () => {
    assert.equal(takeEpoch(folder, 1n), undefined);
    assert.equal(takeEpoch(folder, 0xffff_ffff_ffff_ffffn)?.epoch, 1n);
    const before = { epoch: 0xffff_ffff_ffff_ffffn, lastSeal: undefined };
    assert.deepEqual(takeEpoch(folder, 3n), before);
  });

  it('tells with which seal that run ended, where it has said so', () => {
    const lastSeal = Buffer.alloc(32, 0xa5);
    takeEpoch(folder, 4n);
    noteLastSeal(folder, 4n, lastSeal);
    assert.deepEqual(takeEpoch(folder, 5n), { epoch: 4n, lastSeal });
    assert.deepEqual(takeEpoch(folder, 6n), { epoch: 5n, lastSeal: undefined });
  });

  for (const text of ['', 'x', '12\n', '0123456789ABCDEF\n', '0123456789abcdef\n\n', SHORT, LONG]) {
    it(`${JSON.stringify(text)} is none`, () => {
      writeFileSync(join(folder, 'epoch'), text);
      assert.equal(takeEpoch(folder, 7n), undefined);
      assert.equal(takeEpoch(folder, 8n)?.epoch, 7n);
    });
  }

  it('is unknown where nothing can be written', () => {
    assert.equal(takeEpoch(join(folder, 'nowhere'), 1n), undefined);
    noteLastSeal(join(folder, 'nowhere'), 1n, Buffer.alloc(32));
    assert.equal(takeEpoch(join(folder, 'nowhere'), 1n), undefined);
  });
});
