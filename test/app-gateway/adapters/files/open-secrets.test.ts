import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isOpen, openSecrets } from '@sallyport/app-gateway/adapters/files/open-secrets.ts';

//  file                     mode   is told of
const table: readonly (readonly [string, number, boolean])[] = [
  ['channel.key', 0o600, false],
  ['cluster.key', 0o640, false],
  ['witness.key', 0o644, true],
  ['ca/site-ca.key', 0o604, true],
  ['ca/root.passphrase', 0o644, true],
  ['ca/site-ca.crt', 0o644, false],
  ['keys/snapshot-signing.key', 0o644, true],
  ['keys/snapshot-signing.pub', 0o644, false],
];

describe('secrets that every user of the host can read', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'open-secrets-'));
    for (const inner of ['ca', 'keys']) await mkdir(join(folder, inner));
    for (const [file, mode] of table) {
      await writeFile(join(folder, file), 'x');
      await chmod(join(folder, file), mode);
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [file, mode, isTold] of table) {
    it(`${file} with mode ${mode.toString(8)} is ${isTold ? '' : 'not '}among them`, async () => {
      assert.equal((await openSecrets(folder)).includes(file), isTold);
    });
  }

  it('are none where there is no folder, and a file that is gone is not one', async () => {
    assert.deepEqual(await openSecrets(join(folder, 'none')), []);
    assert.equal(await isOpen(folder, 'none.key'), false);
  });
});
