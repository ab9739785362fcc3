import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { awaitedFolder, PROGRAM_USAGE } from '@sallyport/dmz-proxy/launcher/await-words.ts';

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

  it('are what the usage says', () => {
    const line = PROGRAM_USAGE.split('\n').find((one) => one.includes(' await ')) ?? '';
    assert.equal(awaitedFolder(line.trim().split(' ').slice(1)), 'FOLDER');
  });
});
