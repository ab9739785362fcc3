import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BackupFrame } from '@sallyport/app-gateway/backup/backup-frame.ts';
import type { RestoreOptions } from '@sallyport/app-gateway/cli/backup/restore-command.ts';
import { BackupBench, withSteps } from '../backup-bench.ts';

describe('sallyport restore', () => {
  let bench: BackupBench;
  let frames: BackupFrame[];
  before(async () => {
    bench = await BackupBench.open();
    await bench.record(0, 600);
    const done = await bench.backup('good.backup');
    assert.equal(done.exitCode, 0, done.text);
    frames = await bench.frames('good.backup');
  });
  after(() => bench.close());

  const restore = (file: string, options: RestoreOptions) => bench.restore(file, options);
  const check = (file: string) => restore(file, { check: true });
  const forged = async (change: (frames: readonly BackupFrame[]) => readonly BackupFrame[]) => {
    await bench.forge('forged.backup', change(frames));
    return check('forged.backup');
  };

  it('--check says that a backup is whole, and writes nothing', async () => {
    const before = await readdir(bench.folder);
    const done = await check('good.backup');
    assert.equal(done.exitCode, 0, done.text);
    assert.match(done.text, /gateway gateway-1 of acme/);
    assert.match(done.text, /ledger: 600 records, the checkpoint of 600 fits them/);
    assert.deepEqual(await readdir(bench.folder), before);
  });

  it('--check of another passphrase, a damaged file and no backup at all say so', async () => {
    await writeFile(join(bench.folder, 'wrong'), 'another passphrase\n');
    const wrong = await restore('good.backup', { check: true, passphraseFile: 'wrong' });
    assert.match(wrong.text, /the passphrase is wrong, or the file was changed/);
    const whole = await readFile(join(bench.folder, 'good.backup'));
    await writeFile(join(bench.folder, 'short.backup'), whole.subarray(0, -1));
    assert.match((await check('short.backup')).text, /is cut off/);
    assert.match((await check('passphrase')).text, /is no backup/);
    assert.match((await check('not-there')).text, /no such file/);
  });

  const inRows = (
    table: string,
    change: (rows: readonly string[]) => readonly string[],
  ): ((all: readonly BackupFrame[]) => readonly BackupFrame[]) => {
    return (all) =>
      all.map((frame) =>
        frame.kind === 'rows' && frame.table === table
          ? { ...frame, rows: change(frame.rows) }
          : frame,
      );
  };
  const withoutLast = (rows: readonly string[]) => rows.slice(0, -1);
  //  what is wrong                  how                                                      what is said
  const table: readonly (readonly [
    string,
    (all: readonly BackupFrame[]) => readonly BackupFrame[],
    RegExp,
  ])[] = [
    ['no end', (all) => all.slice(0, -1), /has no end/],
    ['something behind the end', (all) => [...all, ...all.slice(0, 1)], /behind the end/],
    [
      'a file less',
      (all) => all.filter((frame) => frame.kind !== 'file' || frame.file.path !== 'channel.key'),
      /channel\.key: is missing/,
    ],
    [
      'another file',
      (all) =>
        all.map((frame) =>
          frame.kind === 'file' && frame.file.path === 'site.yaml'
            ? { ...frame, content: Buffer.from('name: x') }
            : frame,
        ),
      /site\.yaml: is another/,
    ],
    ['an operator less', inRows('operator', withoutLast), /operator: 0 rows, and 1 were written/],
    [
      'a record changed',
      inRows('audit_entry', (rows) =>
        rows.map((row) => row.replace(/(.)"\}$/, (_, digit) => `${digit === '0' ? '1' : '0'}"}`)),
      ),
      /record 0 is not the one that its hash is of/,
    ],
    ['a record less', inRows('audit_entry', withoutLast), /records end at|record \d+ is missing/],
    [
      'a tile less',
      inRows('audit_tile', (rows) => rows.filter((row) => !row.includes('"tile":1,'))),
      /the hash of record 256 is missing/,
    ],
    [
      'an upper tile changed',
      inRows('audit_tile', (rows) =>
        rows.map((row) => (row.includes('"level":1') ? row.replace(/.{3}"\}$/, 'eee"}') : row)),
      ),
      /tile 1\/0 is another/,
    ],
    [
      'another checkpoint',
      inRows('audit_checkpoint', (rows) =>
        rows.map((row) => row.replace('\\n600\\n', '\\n599\\n')),
      ),
      /is not signed by this site/,
    ],
  ];
  for (const [words, change, says] of table) {
    it(`--check finds ${words}`, async () => {
      const done = await forged(change);
      assert.equal(done.exitCode, 1, done.text);
      assert.match(done.text, says);
    });
  }

  it('puts the files alone into a folder where the database is still there', async () => {
    const done = await restore('good.backup', { bundle: 'files', database: false });
    assert.equal(done.exitCode, 0, done.text);
    const names = await readdir(join(bench.folder, 'files'));
    assert.ok(names.includes('cluster.key'));
    assert.equal(names.includes('state'), false);
    assert.match(done.text, /next: the files alone are back: .* database .* as it was$/);
    assert.doesNotMatch(done.text, /undone/);
  });

  it('touches no folder that has anything in it, and leaves none behind where it fails', async () => {
    await mkdir(join(bench.folder, 'full'));
    await writeFile(join(bench.folder, 'full', 'file'), 'x');
    const before = await readdir(bench.folder);
    const done = await restore('good.backup', { bundle: 'full' });
    assert.match(done.text, /is not empty/);
    await forged((all) => all.slice(0, -1));
    assert.equal((await restore('forged.backup', { bundle: 'fresh' })).exitCode, 1);
    assert.deepEqual(
      (await readdir(bench.folder)).sort(),
      [...new Set([...before, 'forged.backup'])].sort(),
    );
  });

  it('refuses a backup of tables that this version does not have', async () => {
    const later = await forged((all) => withSteps(all, (steps) => [...steps, '9999-later']));
    assert.equal(later.exitCode, 0);
    const done = await restore('forged.backup', { bundle: 'fresh' });
    assert.match(done.text, /of a later version \(9999-later\)/);
    assert.equal((await readdir(bench.folder)).includes('fresh'), false);
  });

  for (const [what, site, says] of [
    [
      'of another site',
      (yaml: string) => yaml.replace(/^name: .*/m, 'name: other'),
      /is of the site other/,
    ],
    ['that is none', () => 'four words of a sentence', /cannot be used/],
  ] as const) {
    it(`--site with a site.yaml ${what} is refused, and leaves nothing`, async () => {
      const yaml = await readFile(join(bench.bundle, 'site.yaml'), 'utf8');
      await writeFile(join(bench.folder, 'changed.yaml'), site(yaml));
      const done = await restore('good.backup', { bundle: 'moved', site: 'changed.yaml' });
      assert.equal(done.exitCode, 1, done.text);
      assert.match(done.text, says);
      const left = await readdir(bench.folder);
      assert.deepEqual(
        left.filter((name) => name.startsWith('moved')),
        [],
      );
    });
  }

  it('--site takes the place of the site.yaml in the backup, with its own time', async () => {
    const yaml = await readFile(join(bench.bundle, 'site.yaml'), 'utf8');
    const changed = join(bench.folder, 'changed.yaml');
    await writeFile(changed, `${yaml}\n# moved\n`);
    const options = { bundle: 'moved', site: 'changed.yaml', database: false };
    const done = await restore('good.backup', options);
    assert.equal(done.exitCode, 0, done.text);
    const moved = join(bench.folder, 'moved/site.yaml');
    assert.match(await readFile(moved, 'utf8'), /# moved\n$/);
    const [was, is] = [await stat(changed), await stat(moved)];
    assert.ok(Math.abs(was.mtimeMs - is.mtimeMs) < 1);
  });
});
