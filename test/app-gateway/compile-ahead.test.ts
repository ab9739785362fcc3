import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ROOT } from '../architecture/source-tree.ts';

const SCRIPT = 'app-gateway/bin/compile-ahead';
const OTHERS_WRITE = 0o022;

describe('compiling gateway and command line when npm installs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'compile-ahead-'));
    mkdirSync(join(folder, 'bin'));
    cpSync(join(ROOT, SCRIPT), join(folder, 'bin/compile-ahead'));
    // A tree with the files that the script names, and nothing in them.
    const named = readFileSync(join(ROOT, SCRIPT), 'utf8').matchAll(/\$code"?\/([\w./*-]+)/g);
    for (const [, name = ''] of named) {
      const file = join(folder, 'src', name.replaceAll('*', 'some'));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `export const name = ${JSON.stringify(name)};`);
    }
    writeFileSync(join(folder, 'src/main.ts'), 'process.exitCode = 1;');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (...uids: readonly string[]) =>
    spawnSync(
      'sh',
      ['-c', `umask 000; exec sh '${join(folder, 'bin/compile-ahead')}' ${uids.join(' ')}`],
      {
        encoding: 'utf8',
        env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
      },
    );

  it('is what npm runs', () => {
    const manifest = readFileSync(join(ROOT, 'app-gateway/package.json'), 'utf8');
    const { scripts } = JSON.parse(manifest) as { scripts: { postinstall: string } };
    assert.equal(scripts.postinstall, 'sh bin/compile-ahead');
  });

  it('names files that are there', () => {
    const named = readFileSync(join(ROOT, SCRIPT), 'utf8').matchAll(/\$code"?\/([\w./-]+\.ts)/g);
    const names = [...named].map(([, name = '']) => name);
    assert.ok(names.length > 3);
    const gone = names.filter((name) => !existsSync(join(ROOT, 'app-gateway/src', name)));
    assert.deepEqual(gone, []);
  });

  it('leaves code that nobody else may write, in the place of what was there', () => {
    mkdirSync(join(folder, 'compiled'));
    writeFileSync(join(folder, 'compiled/old'), '');
    const { stdout, stderr, status } = run();
    assert.deepEqual([stdout, stderr, status], [`compiled into ${folder}/compiled\n`, '', 0]);
    const [made = '', ...more] = readdirSync(join(folder, 'compiled'));
    assert.deepEqual(more, []);
    const inside = join(folder, 'compiled', made);
    assert.ok(readdirSync(inside).length > 5);
    for (const each of [join(folder, 'compiled'), inside]) {
      assert.equal(statSync(each).mode & OTHERS_WRITE, 0);
    }
  });

  it('is there for those as well who are named, to read', () => {
    const own = String(process.getuid?.());
    const { status } = run('64001', '64002', own);
    assert.equal(status, 0);
    const made = readdirSync(join(folder, 'compiled'));
    const users = made.map((name) => name.replace(/^.*-/, ''));
    assert.deepEqual(users.toSorted(), ['64001', '64002', own].toSorted());
    const [first = [], ...others] = made.map((name) => readdirSync(join(folder, 'compiled', name)));
    assert.ok(first.length > 5);
    for (const files of others) assert.deepEqual(files, first);
    for (const name of made) {
      const path = join(folder, 'compiled', name, first[0] ?? '');
      assert.equal(statSync(path).mode & 0o777, 0o644);
    }
  });

  //  what does not work                 of which file                             what it is then
  const rows: readonly (readonly [string, string, string])[] = [
    ['the command line', 'src/cli/main.ts', 'throw new Error("many\\nlines");'],
    ['the gateway', 'src/main.ts', 'process.exitCode = 7;'],
    ['the commands', 'src/commands/all-commands.ts', 'enum Old { Syntax }'],
  ];
  for (const [what, file, text] of rows) {
    it(`ends well, says one line and leaves nothing where it cannot load ${what}`, () => {
      writeFileSync(join(folder, file), text);
      const { stdout, stderr, status } = run();
      assert.match(stdout, /^sallyport: not compiled ahead, .*"sh -x .*compile-ahead".*\n$/);
      assert.deepEqual([stderr, status], ['', 0]);
      assert.equal(existsSync(join(folder, 'compiled')), false);
    });
  }
});
