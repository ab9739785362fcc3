import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROXY = dirname(
  dirname(fileURLToPath(import.meta.resolve('@sallyport/dmz-proxy/bin/sallyport-dmz-proxy.ts'))),
);

it('an installation that was compiled reads its code from there, under the permission model', () => {
  const root = mkdtempSync(join(tmpdir(), 'installed-'));
  try {
    for (const workspace of ['dmz-proxy', 'shared']) {
      const from = join(dirname(PROXY), workspace);
      cpSync(join(from, 'src'), join(root, workspace, 'src'), { recursive: true });
      cpSync(join(from, 'package.json'), join(root, workspace, 'package.json'));
    }
    cpSync(join(PROXY, 'bin'), join(root, 'dmz-proxy/bin'), { recursive: true });
    cpSync(join(PROXY, '../shared/bin'), join(root, 'shared/bin'), { recursive: true });
    for (const folder of ['@sallyport', '.bin']) {
      mkdirSync(join(root, 'node_modules', folder), { recursive: true });
    }
    symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
    symlinkSync(join(root, 'shared'), join(root, 'node_modules/@sallyport/shared'));

    const compile = spawnSync(process.execPath, [join(root, 'dmz-proxy/bin/compile.ts')]);
    assert.equal(compile.status, 0, compile.stdout.toString());
    const [made = ''] = readdirSync(join(root, 'dmz-proxy/compiled'));
    assert.ok(readdirSync(join(root, 'dmz-proxy/compiled', made)).length > 100);

    // A launcher without a bundle reads all its code, says what is missing and ends.
    const program = join(root, 'dmz-proxy/bin/sallyport-dmz-proxy');
    const env = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE', PATH: '/usr/bin:/bin' };
    const started = spawnSync(program, [join(root, 'none')], { env });
    assert.equal(started.status, 78);
    assert.match(String(started.stderr), /src\/main\.ts was accepted/);
    assert.match(String(started.stdout), /bundle-refused/);
    const asked = spawnSync(program, ['request'], { env });
    assert.equal(asked.status, 2);
    assert.match(String(asked.stderr), /bin\/sallyport-dmz-proxy\.ts was accepted/);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
