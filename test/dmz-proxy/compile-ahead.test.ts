import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { ROOT } from '../architecture/source-tree.ts';

const SCRIPT = join(ROOT, 'dmz-proxy/bin/compile-ahead');

describe('compiling when npm installs', () => {
  it('is what npm runs, and it shows what that says', () => {
    const manifest = readFileSync(join(ROOT, 'dmz-proxy/package.json'), 'utf8');
    const { scripts } = JSON.parse(manifest) as { scripts: { postinstall: string } };
    assert.equal(scripts.postinstall, 'sh bin/compile-ahead');
    assert.match(readFileSync(join(ROOT, '.npmrc'), 'utf8'), /^foreground-scripts=true$/m);
  });

  const failed =
    /^sallyport-dmz-proxy: not compiled ahead, .*"node dmz-proxy\/bin\/compile\.ts".*\n$/;
  //  how compiling ends           the program                                             what is said
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['well', "console.log('compiled into here');", /^compiled into here\n$/],
    ['badly', "console.log('absent: here'); process.exitCode = 1;", failed],
    ['by throwing', "throw new Error('many\\nlines');", failed],
    ['as what Node.js does not read', 'enum Old { Syntax }', failed],
  ];
  for (const [how, program, said] of rows) {
    it(`ends well and says one line where compiling ends ${how}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'compile-ahead-'));
      try {
        cpSync(SCRIPT, join(folder, 'compile-ahead'));
        writeFileSync(join(folder, 'compile.ts'), program);
        const done = spawnSync('sh', [join(folder, 'compile-ahead')], {
          encoding: 'utf8',
          env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
        });
        assert.match(done.stdout, said);
        assert.deepEqual([done.stderr, done.status], ['', 0]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
