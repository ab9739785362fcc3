import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { DebianPackage } from '@sallyport/deploy/debian-package.ts';
import { DMZ_PROXY, GATEWAY, type Program } from '@sallyport/deploy/program.ts';
import { programPackage } from '@sallyport/deploy/program-package.ts';
import { ROOT } from '../architecture/source-tree.ts';

const FILES: readonly (readonly [program: Program, path: string, isExecutable: boolean])[] = [
  [DMZ_PROXY, 'usr/lib/sallyport/sallyport-dmz-proxy', true],
  [DMZ_PROXY, 'usr/lib/systemd/system/sallyport-dmz-proxy@.service', false],
  [DMZ_PROXY, 'usr/sbin/sallyport-dmz-proxy-bundle', true],
  [DMZ_PROXY, 'usr/share/doc/sallyport-dmz-proxy/copyright', false],
  [DMZ_PROXY, 'usr/share/doc/sallyport-dmz-proxy/sbom.cdx.json', false],
  [DMZ_PROXY, 'usr/share/man/man8/sallyport-dmz-proxy.8.gz', false],
  [GATEWAY, 'usr/lib/sallyport/sallyport-gateway', true],
  [GATEWAY, 'usr/lib/sallyport/pglite.wasm', false],
  [GATEWAY, 'usr/lib/systemd/system/sallyport-app-gateway@.service', false],
];

describe('the package of a program', () => {
  let folder: string;
  const packages = new Map<string, DebianPackage>();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'package-'));
    for (const program of [DMZ_PROXY, GATEWAY]) {
      const executable = join(folder, program.name);
      writeFileSync(executable, 'x');
      const beside = program.beside.map((path) => join(folder, path.split('/').at(-1) ?? ''));
      for (const path of beside) writeFileSync(path, 'x');
      const foreign = { packages: ['node_modules/zod'], outside: [] };
      packages.set(
        program.name,
        programPackage({
          root: ROOT,
          program,
          built: { executable, beside, foreign },
          version: '1.2.3',
          architecture: 'amd64',
          billOfMaterials: '{}',
          madeAt: new Date(0),
        }),
      );
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [program, path, isExecutable] of FILES) {
    it(`${program.name} has ${path}`, () => {
      const file = packages.get(program.name)?.files.find((one) => one.path === path);
      assert.equal(file?.isExecutable === true, isExecutable);
      assert.ok((file?.bytes.length ?? 0) > 0);
    });
  }

  it('shares no file between the two: both may stand on one host', () => {
    const all = [...packages.values()].flatMap(({ files, links }) => [
      ...files.map(({ path }) => path),
      ...links.keys(),
    ]);
    assert.equal(new Set(all).size, all.length);
  });

  it('leaves no placeholder in a script, and a shell can read each', () => {
    for (const { scripts, files } of packages.values()) {
      const bundle = files.find(({ path }) => path.startsWith('usr/sbin/'));
      const texts = [...scripts.values(), Buffer.from(bundle?.bytes ?? []).toString()];
      assert.equal(texts.length, 4);
      for (const text of texts) {
        assert.doesNotMatch(text, /@[A-Z]+@/);
        assert.equal(spawnSync('sh', ['-n'], { input: text }).status, 0, text);
      }
    }
  });

  it('carries the licences of Node.js and of what is inside', () => {
    const file = packages
      .get('sallyport-gateway')
      ?.files.find(({ path }) => path.endsWith('licences.gz'));
    const text = gunzipSync(file?.bytes ?? Buffer.alloc(0)).toString();
    assert.match(text, /==== node-linux-(x64|arm64)\n/);
    assert.match(text, /==== zod\n[\s\S]*MIT License/);
  });
});
