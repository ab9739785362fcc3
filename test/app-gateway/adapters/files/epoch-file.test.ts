import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { noteLastSeal, takeEpoch } from '@sallyport/app-gateway/adapters/files/epoch-file.ts';

const SHORT = `0123456789abcdef ${'0'.repeat(63)}\n`;
const LONG = `0123456789abcdef ${'0'.repeat(65)}\n`;

describe('the run before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-epoch-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is unknown at first, then each run names the one before', async () => {
    assert.equal((await takeEpoch(folder, 0x11n)).before, undefined);
    assert.equal((await takeEpoch(folder, 2n ** 64n - 1n)).before?.epoch, 0x11n);
    const before = { epoch: 2n ** 64n - 1n, lastSeal: undefined };
    assert.deepEqual((await takeEpoch(folder, 0x13n)).before, before);
    assert.deepEqual(readdirSync(folder), ['epoch']);
  });

  it('has told with which seal it ended, or not', async () => {
    const lastSeal = Buffer.alloc(32, 0xa5);
    await noteLastSeal(await takeEpoch(folder, 4n), lastSeal);
    const five = await takeEpoch(folder, 5n);
    assert.deepEqual(five, { folder, epoch: 5n, before: { epoch: 4n, lastSeal } });
    const six = await takeEpoch(folder, 6n);
    assert.deepEqual(six.before, { epoch: 5n, lastSeal: undefined });
  });

  it('is unknown where the file says something else, and the next run knows again', async () => {
    for (const text of ['', 'x', '0011', `${'0'.repeat(17)}\n`, SHORT, LONG]) {
      writeFileSync(join(folder, 'epoch'), text);
      assert.equal((await takeEpoch(folder, 0x20n)).before, undefined);
      assert.equal((await takeEpoch(folder, 0x21n)).before?.epoch, 0x20n);
    }
  });

  it('stops nobody where there is no folder', async () => {
    const run = await takeEpoch(join(folder, 'none'), 1n);
    await noteLastSeal(run, Buffer.alloc(32));
    assert.equal(run.before, undefined);
    assert.equal((await takeEpoch(run.folder, 1n)).before, undefined);
  });
});
