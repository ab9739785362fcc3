import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
/** Tells at the end, on a stream of its own, which packages were loaded. */
const TELL_PACKAGES = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  const names = new Set();
  registerHooks({ resolve: (name, context, next) => (names.add(name), next(name, context)) });
  process.once('exit', () => writeSync(3, JSON.stringify([...names])));
`)}`;

describe('program of the command line', () => {
  const run = (words: readonly string[], nodeOptions: readonly string[] = []) =>
    spawnSync(process.execPath, [...nodeOptions, MAIN, ...words], {
      encoding: 'utf8',
      cwd: tmpdir(),
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });

  const rows: readonly (readonly [words: string[], status: number, out: RegExp, err: RegExp])[] = [
    [['check', 'nowhere'], 1, /^$/, /^error: nowhere holds no site\.yaml\n {2}next: /],
    [['check', '--json'], 2, /^\{"ok":false,/, /^error: missing required argument/],
  ];
  for (const [words, status, out, error] of rows) {
    it(`ends with ${status} after ${words.join(' ')}`, () => {
      const done = run(words);
      assert.match(done.stdout, out);
      assert.match(done.stderr, error);
      assert.equal(done.status, status);
    });
  }

  it('ends without a word where nobody reads the answer any more, as with a pager', () => {
    const line = '"$0" "$1" --help | true; exit $PIPESTATUS';
    const done = spawnSync('bash', ['-c', line, process.execPath, MAIN], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.equal(done.stderr, '');
    assert.equal(done.status, 141);
  });

  it('says where the answer cannot be written', () => {
    const full = openSync('/dev/full', 'w');
    const done = spawnSync(process.execPath, [MAIN, '--help'], {
      encoding: 'utf8',
      timeout: 30_000,
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    assert.equal(done.stderr, 'error: the answer cannot be written: no space left on the disk\n');
    assert.equal(done.status, 1);
  });

  it('starts without what some commands need: databases, schemas, YAML and libraries that issue', () => {
    const done = run(['--help'], ['--import', TELL_PACKAGES]);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /^Usage: sallyport/);
    const packages = new Set(JSON.parse(done.output[3] ?? '') as string[]);
    assert.ok(packages.has('commander'));
    for (const name of ['kysely', 'pg', '@electric-sql/pglite', 'zod', 'yaml', 'node-forge']) {
      assert.equal(packages.has(name), false, name);
    }
  });
});
