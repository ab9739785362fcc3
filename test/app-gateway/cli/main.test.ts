import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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
