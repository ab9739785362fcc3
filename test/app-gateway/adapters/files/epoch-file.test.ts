import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Run } from '@sallyport/app-gateway/adapters/files/epoch-file.ts';
import { parseEarlierRun } from '@sallyport/shared/audit/earlier-run.ts';

const SEAL = { seq: 70, hash: Buffer.alloc(32, 0xa5) };

describe('the run before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-epoch-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is unknown at first, then each run names the one before', async () => {
    assert.equal((await Run.begin(folder, 0x11n)).before, undefined);
    assert.equal((await Run.begin(folder, 2n ** 64n - 1n)).before?.epoch, 0x11n);
    const before = { epoch: 2n ** 64n - 1n, lastSeal: undefined };
    assert.deepEqual((await Run.begin(folder, 0x13n)).before, before);
    assert.deepEqual(readdirSync(folder), ['epoch']);
  });

  it('has told with which seal it ended, or not', async () => {
    await (await Run.begin(folder, 4n)).noteLastSeal(SEAL);
    const five = await Run.begin(folder, 5n);
    assert.deepEqual(five.before, { epoch: 4n, lastSeal: SEAL });
    assert.equal(five.epoch, 5n);
    const six = await Run.begin(folder, 6n);
    assert.deepEqual(six.before, { epoch: 5n, lastSeal: undefined });
  });

  it('tells a seal that was noted while it went on, and at its end the last one', async () => {
    const run = await Run.begin(folder, 7n);
    run.noteSafeSeal({ ...SEAL, seq: 20 });
    await run.noteLastSeal({ ...SEAL, seq: 22 });
    const next = await Run.begin(folder, 8n);
    assert.deepEqual(next.before, { epoch: 7n, lastSeal: { ...SEAL, seq: 22 } });
    next.noteSafeSeal({ ...SEAL, seq: 30 });
    for (let lastSeal = noted()?.lastSeal; lastSeal?.seq !== 30; lastSeal = noted()?.lastSeal) {
      await new Promise(setImmediate);
    }
    const { before } = await Run.begin(folder, 9n);
    assert.deepEqual(before, { epoch: 8n, lastSeal: { ...SEAL, seq: 30 } });
  });

  it('is the stream that it went on with, where its first one came to its end', async () => {
    const run = await Run.begin(folder, 10n);
    run.noteSafeSeal(SEAL);
    while (noted()?.lastSeal === undefined) await new Promise(setImmediate);
    const epoch = run.goOn();
    assert.notEqual(epoch, 10n);
    assert.equal(run.epoch, epoch);
    while (noted()?.epoch !== epoch) await new Promise(setImmediate);
    assert.deepEqual((await Run.begin(folder, 11n)).before, { epoch, lastSeal: undefined });
  });

  it('is unknown where the file says something else, and the next run knows again', async () => {
    for (const text of ['', 'x', '0011', `${'0'.repeat(17)}\n`, `${'F'.repeat(16)}\n`]) {
      writeFileSync(join(folder, 'epoch'), text);
      assert.equal((await Run.begin(folder, 0x20n)).before, undefined);
      assert.equal((await Run.begin(folder, 0x21n)).before?.epoch, 0x20n);
    }
  });

  it('stops nobody where there is no folder', async () => {
    const nowhere = join(folder, 'none');
    const run = await Run.begin(nowhere, 1n);
    run.noteSafeSeal(SEAL);
    await run.noteLastSeal(SEAL);
    assert.equal(run.before, undefined);
    assert.equal((await Run.begin(nowhere, 1n)).before, undefined);
  });

  const noted = () => parseEarlierRun(readFileSync(join(folder, 'epoch'), 'latin1'));
});
