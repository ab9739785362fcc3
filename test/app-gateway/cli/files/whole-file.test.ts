import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  replaceFile,
  replaceFiles,
  writeNewFile,
} from '@sallyport/app-gateway/cli/files/whole-file.ts';

/** No octets at all: the file system has made the file already when this is refused. */
const UNWRITABLE = 7 as unknown as string;

describe('a file that a command writes', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-whole-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => join(folder, name);

  it('is written once, for whom it is for', () => {
    writeNewFile(at('key'), 'secret', 0o600);
    assert.equal(readFileSync(at('key'), 'utf8'), 'secret');
    assert.equal(statSync(at('key')).mode & 0o777, 0o600);
    assert.throws(() => writeNewFile(at('key'), 'other'), { code: 'EEXIST' });
    assert.equal(readFileSync(at('key'), 'utf8'), 'secret');
  });

  it('is not there at all where it could not be written whole', () => {
    assert.throws(() => writeNewFile(at('half'), UNWRITABLE));
    assert.equal(readdirSync(folder).includes('half'), false);
  });

  it('takes the place of an older one, which stays where that cannot be', () => {
    writeFileSync(at('list'), 'old');
    assert.throws(() => replaceFile(at('list'), UNWRITABLE));
    assert.equal(readFileSync(at('list'), 'utf8'), 'old');
    // What an earlier run left, cut off in the middle.
    writeFileSync(at('list.new'), 'ha');
    replaceFile(at('list'), 'new', 0o600);
    assert.equal(readFileSync(at('list'), 'utf8'), 'new');
    assert.equal(statSync(at('list')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder).sort(), ['key', 'list']);
  });

  it('takes its place together with those that belong to it, or none does', () => {
    const pair = (content: string, second: string) => [
      { path: at('page'), content },
      { path: at('page.sig'), content: second },
    ];
    const there = () => readdirSync(folder).filter((name) => name.startsWith('page'));
    assert.throws(() => replaceFiles(pair('one', UNWRITABLE)));
    assert.deepEqual(there(), []);
    replaceFiles(pair('one', 'of one'));
    assert.throws(() => replaceFiles(pair('two', UNWRITABLE)));
    assert.deepEqual(there(), ['page', 'page.sig']);
    assert.equal(readFileSync(at('page'), 'utf8'), 'one');
    replaceFiles(pair('two', 'of two'));
    assert.equal(readFileSync(at('page'), 'utf8'), 'two');
    assert.equal(readFileSync(at('page.sig'), 'utf8'), 'of two');
  });

  it('is written through a link, and no device is replaced by a file', () => {
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere/real'), 'old');
    symlinkSync(at('elsewhere/real'), at('link'));
    replaceFile(at('link'), 'new');
    assert.equal(readFileSync(at('elsewhere/real'), 'utf8'), 'new');
    replaceFile('/dev/null', 'gone');
    assert.equal(statSync('/dev/null').isFile(), false);
  });
});
