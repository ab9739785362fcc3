import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ROOT } from '../../architecture/source-tree.ts';

const SAYS = `
const { NODE_COMPILE_CACHE: from, NODE_COMPILE_CACHE_READONLY: how } = process.env;
process.stdout.write([...process.argv.slice(2), from && 'compiled', how].join('|'));
process.exitCode = 7;`;

/** A command of a workspace, and what it begins with. */
const COMMANDS: readonly (readonly [workspace: string, command: string, program: string])[] = [
  ['app-gateway', 'sallyport', 'src/cli/main.ts'],
  ['app-gateway', 'sallyport-app-gateway', 'src/main.ts'],
  ['dmz-proxy', 'sallyport-dmz-proxy', 'bin/sallyport-dmz-proxy.ts'],
];

for (const [workspace, command, program] of COMMANDS) {
  describe(`${command} started without npm`, () => {
    let root: string;
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'own-node-'));
      for (const folder of [`${workspace}/src/cli`, 'node_modules/.bin', 'path']) {
        mkdirSync(join(root, folder), { recursive: true });
      }
      for (const file of [`${workspace}/bin/${command}`, 'shared/bin/own-node.sh']) {
        cpSync(join(ROOT, file), join(root, file), { recursive: true });
      }
      writeFileSync(join(root, workspace, program), SAYS);
      symlinkSync(`../../${workspace}/bin/${command}`, join(root, 'node_modules/.bin', command));
    });
    afterEach(() => rmSync(root, { recursive: true }));

    /** A Node.js of the machine that says it has this version. */
    const machineHas = (version: string) => {
      const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`;
      writeFileSync(join(root, 'pretend.cjs'), pretend);
      const script = `#!/bin/sh\nexec '${process.execPath}' -r '${root}/pretend.cjs' "$@"\n`;
      writeFileSync(join(root, 'path/node'), script, { mode: 0o755 });
    };
    const projectHasNode = () => {
      symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
    };
    const start = () =>
      spawnSync(join(root, 'node_modules/.bin', command), ['check', 'a b'], {
        encoding: 'utf8',
        env: { PATH: `${join(root, 'path')}:/usr/bin:/bin` },
      });

    it('runs with the project’s own Node.js, though the machine has an older one', () => {
      machineHas('20.19.0');
      projectHasNode();
      const { stdout, stderr, status } = start();
      assert.deepEqual(
        { stdout, stderr, status },
        { stdout: 'check|a b||', stderr: '', status: 7 },
      );
    });

    for (const version of ['26.0.0', '30.1.0']) {
      it(`runs with the machine’s ${version} where the project has none`, () => {
        machineHas(version);
        assert.deepEqual([start().stdout, start().status], ['check|a b||', 7]);
      });
    }

    for (const version of ['18.20.8', '20.19.0', '25.9.0']) {
      it(`says in one line what to do where there is but ${version}`, () => {
        machineHas(version);
        const { stdout, stderr, status } = start();
        assert.deepEqual([stdout, status], ['', 2]);
        assert.match(stderr, new RegExp(`^${command} needs Node\\.js 26 .*"npm ci".*\n$`));
      });
    }

    const compiled = () => join(root, workspace, 'compiled');
    const inner = () => join(compiled(), 'v26');
    //  who may write compiled code                  what was done to it                       is it read
    const rows: readonly (readonly [string, () => void, boolean])[] = [
      ['its owner alone', () => undefined, true],
      ['its owner alone, who alone may read it', () => chmodSync(compiled(), 0o700), true],
      ['its group', () => chmodSync(compiled(), 0o775), false],
      ['everybody', () => chmodSync(compiled(), 0o757), false],
      ['the group of what is in it', () => chmodSync(inner(), 0o775), false],
      ['everybody, what is in it', () => chmodSync(inner(), 0o757), false],
      ['whoever a link leads to', () => symlinkSync(root, join(compiled(), 'link')), false],
    ];
    for (const [who, change, isRead] of rows) {
      it(`${isRead ? 'reads' : 'does not read'} compiled code that may be written by ${who}`, () => {
        projectHasNode();
        mkdirSync(inner(), { recursive: true });
        for (const folder of [compiled(), inner()]) chmodSync(folder, 0o755);
        change();
        assert.equal(start().stdout, isRead ? 'check|a b|compiled|1' : 'check|a b||');
        assert.equal(start().stderr, '');
      });
    }

    it('does not read compiled code of another user than the source’s', (test) => {
      if (process.getuid?.() !== 0) return test.skip('only root can give files away');
      projectHasNode();
      mkdirSync(inner(), { recursive: true });
      for (const folder of [dirname(inner()), inner()]) {
        chmodSync(folder, 0o755);
        chownSync(folder, 65_534, 65_534);
        assert.equal(start().stdout, 'check|a b||');
      }
      chownSync(join(root, workspace, 'src'), 65_534, 65_534);
      assert.equal(start().stdout, 'check|a b|compiled|1');
    });
  });
}
