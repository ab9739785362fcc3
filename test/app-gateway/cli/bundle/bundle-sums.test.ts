import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SUMS_FILE, withSums } from '@sallyport/app-gateway/cli/bundle/bundle-sums.ts';
import { writePlannedFiles } from '@sallyport/app-gateway/cli/files/planned-file.ts';

const FILES = [
  { path: 'proxy.json', text: '{}\n' },
  { path: 'partners/größer.yaml', text: 'ä' },
  { path: 'back\\slash', text: '' },
  { path: 'two\nlines', text: 'x', isSecret: true },
];

describe('the list of a bundle’s files', () => {
  let folder = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bundle-sums-'));
    await writePlannedFiles(folder, withSums(FILES));
  });
  after(() => rmSync(folder, { recursive: true }));

  function check() {
    const words = ['--check', '--strict', '--quiet', SUMS_FILE];
    const { status, stdout } = spawnSync('sha256sum', words, { cwd: folder, encoding: 'utf8' });
    return { status, stdout };
  }

  it('is a secret, has a line for each file, and names them in one order', () => {
    const list = withSums(FILES).at(-1);
    assert.deepEqual([list?.path, list?.isSecret], [SUMS_FILE, true]);
    assert.equal(list?.text.split('\n').length, FILES.length + 1);
    assert.equal(withSums(FILES.toReversed()).at(-1)?.text, list?.text);
  });

  it('is understood by sha256sum, whatever the names', () => {
    assert.deepEqual(check(), { status: 0, stdout: '' });
  });

  it('tells a file that was cut short', () => {
    writeFileSync(join(folder, 'proxy.json'), '{');
    const { status, stdout } = check();
    assert.equal(status, 1);
    assert.match(stdout, /^proxy\.json: FAILED/);
    writeFileSync(join(folder, 'proxy.json'), '{}\n');
  });
});
