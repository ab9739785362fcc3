import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keptKey } from '@sallyport/app-gateway/cli/bundle/kept-key.ts';

describe('a key that is kept', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kept-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is the fresh one where there is none, for its owner alone', async () => {
    const path = join(folder, 'first.key');
    assert.equal(await keptKey(path, 'first'), 'first');
    assert.equal(readFileSync(path, 'utf8'), 'first');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('is never written over', async () => {
    const path = join(folder, 'second.key');
    await keptKey(path, 'first');
    assert.equal(await keptKey(path, 'second'), 'first');
    assert.equal(readFileSync(path, 'utf8'), 'first');
  });

  it('throws what the file system throws otherwise', async () => {
    await assert.rejects(keptKey(join(folder, 'none', 'a.key'), 'first'), { code: 'ENOENT' });
  });
});
