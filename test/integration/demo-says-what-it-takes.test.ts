import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';

const MAIN = join(import.meta.dirname, '../../demo/src/main.ts');

function started(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

describe('npm start', () => {
  it('says with --help what it takes', () => {
    const { status, stdout, stderr } = started('--help');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^Usage: npm start -- \[--once\] \[--layout dual-dmz\|single-dmz\]\n/);
  });

  for (const [words, message] of [
    [['--onec'], /^Unknown option '--onec'/],
    [['--layout', 'dualdmz'], /^--layout must be dual-dmz or single-dmz, not "dualdmz"\n/],
    [['once'], /^Unexpected argument 'once'/],
  ] as const) {
    it(`ends with what was not understood, and no stack: ${words.join(' ')}`, () => {
      const { status, stdout, stderr } = started(...words);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, message);
      assert.match(stderr, /\n\nUsage: npm start/);
      assert.doesNotMatch(stderr, /\n {4}at /);
    });
  }
});
