import assert from 'node:assert/strict';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { FileSiteSource } from '@sallyport/app-gateway/adapters/files/file-site-source.ts';
import { BackupBench, withSteps } from '../app-gateway/cli/backup-bench.ts';
import { unwrap } from '../app-gateway/ports/unwrap.ts';

describe('a backup that is put back with its database', { timeout: 120_000 }, () => {
  let bench: BackupBench;
  before(async () => {
    bench = await BackupBench.open();
    await bench.record(0, 600);
    const done = await bench.backup('good.backup');
    assert.equal(done.exitCode, 0, done.text);
  });
  after(() => bench.close());

  it('puts everything into an empty folder: files, permissions, times and database', async () => {
    await mkdir(join(bench.folder, 'new'));
    const done = await bench.restore('good.backup', { bundle: 'new' });
    assert.equal(done.exitCode, 0, done.text);
    const target = join(bench.folder, 'new');
    for (const name of ['cluster.key', 'site.yaml', 'witness.key']) {
      const there = await stat(join(bench.bundle, name));
      const here = await stat(join(target, name));
      assert.equal(here.mode, there.mode, name);
      assert.equal(Math.floor(here.mtimeMs), Math.floor(there.mtimeMs), name);
      assert.deepEqual(
        await readFile(join(target, name)),
        await readFile(join(bench.bundle, name)),
      );
    }
    const versionOf = async (folder: string) =>
      unwrap(await new FileSiteSource(folder, Date.now).load()).version;
    assert.equal(await versionOf(target), await versionOf(bench.bundle));
    const store = unwrap(await openEmbeddedStore(join(target, 'state')));
    assert.deepEqual(unwrap(await store.load()), unwrap(await bench.store.load()));
    assert.deepEqual(unwrap(await store.ledger.head()), unwrap(await bench.store.ledger.head()));
    await store.close();
  });

  it('takes a backup of earlier tables, which are brought up to date later', async () => {
    const frames = await bench.frames('good.backup');
    await bench.forge(
      'earlier.backup',
      withSteps(frames, (steps) => steps.filter((step) => step < '0006')),
    );
    const done = await bench.restore('earlier.backup', { bundle: 'earlier' });
    assert.equal(done.exitCode, 0, done.text);
    const state = join(bench.folder, 'earlier/state');
    const asItWas = unwrap(await openEmbeddedStore(state, '0005-type-counts'));
    assert.equal(unwrap(await asItWas.ledger.head()).size, 600);
    await asItWas.close();
    const upToDate = unwrap(await openEmbeddedStore(state));
    assert.equal(unwrap(await upToDate.ledger.digestDays()), false);
    await upToDate.close();
  });
});
