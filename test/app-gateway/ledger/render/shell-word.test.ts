import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { shellWord } from '@sallyport/app-gateway/ledger/render/shell-word.ts';

describe('a word of a printed command', () => {
  it('is as it was where no shell reads anything into it', () => {
    for (const path of ['site', '/srv/site-1/a_b.c', 'Büro/ゲート', '.']) {
      assert.equal(shellWord(path), path);
    }
  });

  it('comes back from a shell as it was', () => {
    for (const path of ['my site', "Ann's", '$HOME;`id`', 'a\nb', '', '~root', '(x)', '*']) {
      const said = execFileSync('sh', ['-c', `printf %s ${shellWord(path)}`], { encoding: 'utf8' });
      assert.equal(said, path);
    }
  });
});
