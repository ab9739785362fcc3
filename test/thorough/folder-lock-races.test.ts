import assert from 'node:assert/strict';
import { link, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { lockFolder } from '@sallyport/app-gateway/adapters/files/folder-lock.ts';

const noLinks = () => Promise.reject(Object.assign(new Error('none'), { code: 'EPERM' }));

describe('the lock of a folder that many find dead at once, again and again', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const file = () => join(folder, 'in-use-by');

  for (const [how, linkFile] of [
    ['with', link],
    ['without', noLinks],
  ] as const) {
    it(`is never two's, whoever comes between one who finds it dead and one who takes it ${how} hard links`, async () => {
      for (let round = 0; round < 40; round++) {
        await writeFile(file(), `999999999 a-boot/1 ${round}\n`);
        const asked = await Promise.all(
          Array.from({ length: 32 }, () => lockFolder(folder, linkFile)),
        );
        assert.equal(asked.filter(({ ok }) => ok).length, 1, `round ${round}`);
        assert.deepEqual(await readdir(folder), ['in-use-by']);
      }
    });
  }
});
