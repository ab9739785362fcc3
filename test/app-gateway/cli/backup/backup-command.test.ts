import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { plainPartner, programEvent } from '../../ports/state-records.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { BackupBench } from '../backup-bench.ts';

describe('sallyport backup', () => {
  let bench: BackupBench;
  before(async () => {
    bench = await BackupBench.open();
    await bench.record(0, 300);
  });
  after(() => bench.close());
  const isThere = async (name: string) => (await readdir(bench.folder)).includes(name);

  it('writes one file for its owner alone, in which nothing can be read', async () => {
    const done = await bench.backup('a.backup');
    assert.equal(done.exitCode, 0, done.text);
    assert.match(done.text, /300 records of the ledger/);
    assert.equal((await stat(join(bench.folder, 'a.backup'))).mode & 0o777, 0o600);
    const bytes = await readFile(join(bench.folder, 'a.backup'));
    for (const word of ['PRIVATE KEY', 'acme.example', 'audit_entry', 'gateway-1']) {
      assert.equal(bytes.includes(word), false, word);
    }
    assert.equal(await isThere('a.backup.part'), false);
  });

  it('writes over no other file', async () => {
    await writeFile(join(bench.folder, 'other'), 'precious');
    const done = await bench.backup('other');
    assert.equal(done.exitCode, 1);
    assert.match(done.text, /is there already/);
    assert.equal(await readFile(join(bench.folder, 'other'), 'utf8'), 'precious');
  });

  it('takes no short passphrase, and needs a file and a bundle', async () => {
    await writeFile(join(bench.folder, 'short'), 'elevenchars\n');
    const short = await bench.backup('b.backup', { passphraseFile: 'short' });
    assert.match(short.text, /at least 12 characters/);
    assert.equal((await bench.backup('b.backup', { bundle: bench.folder })).exitCode, 1);
    assert.equal(await isThere('b.backup'), false);
  });

  it('refuses a bundle with a link in it: what it leads to is nobody’s to say', async () => {
    const link = join(bench.bundle, 'link.key');
    await symlink('/etc/hostname', link);
    const done = await bench.backup('c.backup');
    await rm(link);
    assert.match(done.text, /link\.key: is neither a file nor a folder/);
    assert.equal(await isThere('c.backup'), false);
    assert.equal(await isThere('c.backup.part'), false);
  });

  it('begins anew where the state is changed meanwhile', async () => {
    const { archive } = bench.store;
    const page = archive.page.bind(archive);
    let changes = 0;
    archive.page = async (mark, place) => {
      if (place !== undefined && changes === 0) {
        changes++;
        const { revision } = unwrap(await bench.store.load());
        const change = { partners: [plainPartner('globex')] };
        unwrap(
          await bench.store.commit(
            revision,
            { ...change, events: [programEvent('x')] },
            Date.now(),
          ),
        );
      }
      return page(mark, place);
    };
    const done = await bench.backup('d.backup');
    archive.page = page;
    assert.equal(changes, 1);
    assert.equal(done.exitCode, 0, done.text);
    const { revision } = unwrap(await bench.store.load());
    assert.equal((done.json['mark'] as { readonly revision: number }).revision, revision);
  });

  it('leaves nothing where no gateway answers', async () => {
    await bench.bench.server.close();
    const done = await bench.backup('e.backup');
    assert.equal(done.exitCode, 1);
    assert.match(done.text, /no gateway answers/);
    assert.equal(await isThere('e.backup'), false);
    assert.equal(await isThere('e.backup.part'), false);
  });
});
