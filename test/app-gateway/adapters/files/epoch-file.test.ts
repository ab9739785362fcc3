import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { takeEpoch } from '@sallyport/app-gateway/adapters/files/epoch-file.ts';

describe('the run before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-epoch-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is unknown at first, then each run names the one before', async () => {
    assert.equal(await takeEpoch(folder, 0x11n), undefined);
    assert.equal(await takeEpoch(folder, 2n ** 64n - 1n), 0x11n);
    assert.equal(await takeEpoch(folder, 0x13n), 2n ** 64n - 1n);
    assert.deepEqual(readdirSync(folder), ['epoch']);
  });

  it('is unknown where the file says something else, and the next run knows again', async () => {
    for (const text of ['', 'x', '0011', `${'0'.repeat(17)}\n`]) {
      writeFileSync(join(folder, 'epoch'), text);
      assert.equal(await takeEpoch(folder, 0x20n), undefined);
      assert.equal(await takeEpoch(folder, 0x21n), 0x20n);
    }
  });

  it('stops nobody where there is no folder', async () => {
    assert.equal(await takeEpoch(join(folder, 'none'), 1n), undefined);
  });
});
