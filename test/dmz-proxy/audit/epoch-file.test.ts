import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { takeEpoch } from '@sallyport/dmz-proxy/audit/epoch-file.ts';

describe('the epoch of the run before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-epoch-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is known to the next run, and unknown to the first', () => {
    assert.equal(takeEpoch(folder, 1n), undefined);
    assert.equal(takeEpoch(folder, 0xffff_ffff_ffff_ffffn), 1n);
    assert.equal(takeEpoch(folder, 3n), 0xffff_ffff_ffff_ffffn);
  });

  for (const text of ['', 'x', '12\n', '0123456789ABCDEF\n', '0123456789abcdef\n\n']) {
    it(`${JSON.stringify(text)} is none`, () => {
      writeFileSync(join(folder, 'epoch'), text);
      assert.equal(takeEpoch(folder, 7n), undefined);
      assert.equal(takeEpoch(folder, 8n), 7n);
    });
  }

  it('is unknown where nothing can be written', () => {
    assert.equal(takeEpoch(join(folder, 'nowhere'), 1n), undefined);
    assert.equal(takeEpoch(join(folder, 'nowhere'), 1n), undefined);
  });
});
