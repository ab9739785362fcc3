import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { ROOT } from '../../architecture/source-tree.ts';

const PROGRAM = join(ROOT, 'dmz-proxy/bin/sallyport-dmz-proxy.ts');

describe('waiting for a proxy to be up', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'await-start-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function awaited() {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'await', folder], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { status, stderr };
  }

  const said = () => `${folder}: proxy.json cannot be read; its log says more\n`;

  it('ends with a line where there are no settings', () => {
    assert.deepEqual(awaited(), { status: 1, stderr: said() });
  });

  it('ends with a line where the settings are none', () => {
    writeFileSync(join(folder, 'proxy.json'), '{}');
    assert.deepEqual(awaited(), { status: 1, stderr: said() });
  });
});
