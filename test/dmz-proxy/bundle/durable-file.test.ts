import assert from 'node:assert/strict';
import fs, {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createDurably, replaceDurably } from '@sallyport/dmz-proxy/bundle/durable-file.ts';

describe('a file that is replaced durably', () => {
  let folder: string;
  let path: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'durable-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    path = join(folder, 'mark');
    replaceDurably(path, 'old\n');
  });

  it('is the new one, its owner’s alone, and leaves nothing beside it', () => {
    replaceDurably(path, 'new\n');
    replaceDurably(path, 'newer\n', `${path}.7`);
    assert.equal(readFileSync(path, 'latin1'), 'newer\n');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['mark']);
  });

  it('is on the disk before it has its name', (t) => {
    const steps: string[] = [];
    const opened = t.mock.method(fs, 'openSync');
    t.mock.method(fs, 'renameSync', (from: string, to: string) => {
      const [name, flags] = opened.mock.calls[0]?.arguments ?? [];
      const isSynchronous = (Number(flags) & fs.constants.O_DSYNC) !== 0;
      assert.deepEqual([name, isSynchronous, readFileSync(from, 'latin1')], [from, true, 'new\n']);
      steps.push(`${from} -> ${to}`);
    });
    syncBuiltinESMExports();
    replaceDurably(path, 'new\n');
    t.mock.restoreAll();
    syncBuiltinESMExports();
    assert.deepEqual(steps, [`${path}.new -> ${path}`]);
  });

  it('is never written elsewhere, by a link that somebody left beside it', () => {
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'theirs');
    symlinkSync(elsewhere, `${path}.new`);
    assert.throws(() => replaceDurably(path, 'new\n'), { code: 'ELOOP' });
    assert.equal(readFileSync(elsewhere, 'latin1'), 'theirs');
    assert.equal(readFileSync(path, 'latin1'), 'old\n');
    for (const made of [elsewhere, `${path}.new`]) rmSync(made);
  });

  it('stays the old one where the new one cannot be written', () => {
    mkdirSync(`${path}.new`);
    assert.throws(() => replaceDurably(path, 'new\n'), { code: 'EISDIR' });
    assert.equal(readFileSync(path, 'latin1'), 'old\n');
    rmSync(`${path}.new`, { recursive: true });
  });
});

describe('a file that is made durably', () => {
  it('has its rights from the first moment, whatever was there and whatever the umask', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'durable-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const at = (name: string) => join(folder, name);
    writeFileSync(at('theirs'), 'theirs');
    symlinkSync(at('theirs'), at('made'));
    const opened = t.mock.method(fs, 'openSync');
    syncBuiltinESMExports();
    const umask = process.umask(0o077);
    createDurably(at('made'), 'ours', 0o640);
    assert.equal(process.umask(umask), 0o077);
    t.mock.restoreAll();
    syncBuiltinESMExports();
    const flags = Number(opened.mock.calls[0]?.arguments[1]);
    const { O_EXCL, O_DSYNC } = fs.constants;
    assert.equal(flags & (O_EXCL | O_DSYNC), O_EXCL | O_DSYNC);
    const made = lstatSync(at('made'));
    assert.deepEqual([made.isFile(), made.mode & 0o777], [true, 0o640]);
    assert.equal(readFileSync(at('made'), 'latin1'), 'ours');
    assert.equal(readFileSync(at('theirs'), 'latin1'), 'theirs');
  });
});
