import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ROOT } from '../../architecture/source-tree.ts';

const SAYS = "process.stdout.write(process.argv.slice(2).join('|')); process.exitCode = 7;";

describe('the command line started without npm', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'own-node-'));
    for (const folder of ['app-gateway/bin', 'app-gateway/src/cli', 'node_modules/.bin', 'path']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    cpSync(join(ROOT, 'app-gateway/bin/sallyport'), join(root, 'app-gateway/bin/sallyport'));
    writeFileSync(join(root, 'app-gateway/src/cli/main.ts'), SAYS);
    symlinkSync('../../app-gateway/bin/sallyport', join(root, 'node_modules/.bin/sallyport'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** A Node.js of the machine that says it has this version. */
  const machineHas = (version: string) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`;
    writeFileSync(join(root, 'pretend.cjs'), pretend);
    const script = `#!/bin/sh\nexec '${process.execPath}' -r '${root}/pretend.cjs' "$@"\n`;
    writeFileSync(join(root, 'path/node'), script, { mode: 0o755 });
  };
  const start = () =>
    spawnSync(join(root, 'node_modules/.bin/sallyport'), ['check', 'a b'], {
      encoding: 'utf8',
      env: { PATH: `${join(root, 'path')}:/usr/bin:/bin` },
    });

  it('runs with the project’s own Node.js, though the machine has an older one', () => {
    machineHas('20.19.0');
    symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
    const { stdout, stderr, status } = start();
    assert.deepEqual({ stdout, stderr, status }, { stdout: 'check|a b', stderr: '', status: 7 });
  });

  for (const version of ['26.0.0', '30.1.0']) {
    it(`runs with the machine’s ${version} where the project has none`, () => {
      machineHas(version);
      assert.deepEqual([start().stdout, start().status], ['check|a b', 7]);
    });
  }

  for (const version of ['18.20.8', '20.19.0', '25.9.0']) {
    it(`says in one line what to do where there is but ${version}`, () => {
      machineHas(version);
      const { stdout, stderr, status } = start();
      assert.deepEqual([stdout, status], ['', 2]);
      assert.match(stderr, /^sallyport needs Node\.js 26 .*"npm ci".*\n$/);
    });
  }
});
