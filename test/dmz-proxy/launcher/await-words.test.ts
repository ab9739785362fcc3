import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { awaitedFolder, isHelp, PROGRAM_USAGE } from '@sallyport/dmz-proxy/launcher/await-words.ts';
import { ROOT } from '../../architecture/source-tree.ts';

const ROWS: readonly (readonly [words: readonly string[], folder: string | undefined])[] = [
  [['await', '/b'], '/b'],
  [['await', 'b'], 'b'],
  [['await'], undefined],
  [['await', '/b', '/c'], undefined],
  [['await', '--help'], undefined],
  [['./await'], undefined],
  [['/b'], undefined],
  [[], undefined],
];

describe('the words that wait for a proxy', () => {
  for (const [words, folder] of ROWS) {
    it(`[${words.join(' ')}]: ${folder ?? 'no'}`, () => assert.equal(awaitedFolder(words), folder));
  }

  it('are told on the standard output to whoever asks, and that is no failure', () => {
    const program = join(ROOT, 'dmz-proxy/bin/sallyport-dmz-proxy');
    for (const asked of ['--help', '-h']) {
      const { status, stdout, stderr } = spawnSync(program, [asked], { encoding: 'utf8' });
      assert.deepEqual([status, stdout, stderr], [0, PROGRAM_USAGE, '']);
    }
    for (const words of [['--halp'], ['--help', 'x'], []]) {
      assert.equal(isHelp(words), false);
      const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
      assert.deepEqual([status, stdout, stderr], [2, '', PROGRAM_USAGE]);
    }
  });

  it('are what the usage says', () => {
    const line = PROGRAM_USAGE.split('\n').find((one) => one.includes(' await ')) ?? '';
    assert.equal(awaitedFolder(line.trim().split(' ').slice(1)), 'FOLDER');
  });
});
