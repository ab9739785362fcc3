import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { lockFolder } from '@sallyport/app-gateway/adapters/files/folder-lock.ts';

const noLinks = () => Promise.reject(Object.assign(new Error('none'), { code: 'EPERM' }));

describe('the lock of a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const file = () => join(folder, 'in-use-by');

  it('is held by one at a time, also within this process, and free again after release', async () => {
    const first = await lockFolder(folder);
    assert.ok(first.ok);
    const second = await lockFolder(folder);
    assert.equal(second.ok ? '' : second.error, `process ${process.pid}`);
    await first.value();
    assert.deepEqual(await readdir(folder), []);
    assert.ok((await lockFolder(folder)).ok);
  });

  it('is given to one of many who ask at once, over a lock left behind by a dead process', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await writeFile(file(), `${child.pid} some-boot/1 x\n`);
    const asked = await Promise.all(Array.from({ length: 8 }, () => lockFolder(folder)));
    assert.equal(asked.filter(({ ok }) => ok).length, 1);
    assert.deepEqual(await readdir(folder), ['in-use-by']);
  });

  it('is left to whoever was still writing it where there are no hard links', async () => {
    await writeFile(file(), '');
    const text = `${process.pid}  x\n`;
    let links = 0;
    const second = await lockFolder(folder, async () => {
      if (++links === 2) await writeFile(file(), text, { flag: 'r+' });
      return await noLinks();
    });
    assert.equal(second.ok ? '' : second.error, `process ${process.pid}`);
    assert.equal(await readFile(file(), 'utf8'), text);
  });

  it('is not kept by a living process that only has the number of the dead one', async () => {
    await writeFile(file(), `${process.pid} another-boot/1 x\n`);
    assert.ok((await lockFolder(folder)).ok);
  });

  it('is not kept by a file that names nobody', async () => {
    for (const text of ['', 'garbage', '0 x y\n', '-1 x y\n']) {
      await writeFile(file(), text);
      const lock = await lockFolder(folder);
      assert.ok(lock.ok, text);
      await lock.value();
    }
  });

  it('needs no hard links', async () => {
    const first = await lockFolder(folder, noLinks);
    assert.ok(first.ok);
    const second = await lockFolder(folder, noLinks);
    assert.equal(second.ok ? '' : second.error, `process ${process.pid}`);
    await first.value();
    assert.deepEqual(await readdir(folder), []);
  });

  it('is not taken away from its next holder by a late release', async () => {
    const first = await lockFolder(folder);
    assert.ok(first.ok);
    await rm(file());
    const second = await lockFolder(folder);
    assert.ok(second.ok);
    const held = await readFile(file(), 'utf8');
    await first.value();
    assert.equal(await readFile(file(), 'utf8'), held);
  });
});
