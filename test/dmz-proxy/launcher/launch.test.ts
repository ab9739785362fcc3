import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  childEnvironment,
  codeFolders,
  freeLauncherArguments,
  workerArguments,
} from '@sallyport/dmz-proxy/launcher/launch.ts';
import { packedWorkerArguments } from '@sallyport/dmz-proxy/launcher/single-file.ts';
import { YOUNG_GENERATION } from '@sallyport/dmz-proxy/launcher/young-generation.ts';

const CODE = { proxy: '/code/dmz-proxy', shared: '/code/shared', sharedLink: '/code/link' };
const READ = ['/code/dmz-proxy', '/code/shared', '/code/link', '/b'].map(
  (folder) => `--allow-fs-read=${folder}`,
);
const rightsOf = (argv: readonly string[]) =>
  argv.filter((argument) => /^--(permission|allow)/.test(argument));

describe('how the processes are started', () => {
  it('a worker has the network and may write its spool alone', () => {
    const argv = workerArguments(CODE, '/b', 1, 'required');
    assert.deepEqual(rightsOf(argv), [
      '--permission',
      '--allow-net',
      ...READ,
      '--allow-fs-write=/b/spool',
    ]);
    assert.deepEqual(argv.slice(-3), ['/code/dmz-proxy/src/worker.ts', '/b', '1']);
  });

  it('a worker of any kind has a short young generation', () => {
    assert.ok(workerArguments(CODE, '/b', 0, 'required').includes(YOUNG_GENERATION));
    assert.ok(packedWorkerArguments('/b', 0, 'required')[0]?.includes(`"${YOUNG_GENERATION}"`));
  });

  it('without the permission model neither has a flag: Node would hand the launcher’s on', () => {
    assert.deepEqual(rightsOf(freeLauncherArguments(CODE, '/b')), []);
    assert.deepEqual(rightsOf(workerArguments(CODE, '/b', 0, 'off')), []);
  });

  it('a child never inherits NODE_OPTIONS, nor a descriptor to write to', () => {
    const own = { NODE_OPTIONS: '--allow-addons', SALLYPORT_HEARTBEAT_FD: '9', TZ: 'UTC' };
    assert.deepEqual(childEnvironment(own, { ok: false, error: 'absent' }), { TZ: 'UTC' });
  });

  it('a child takes compiled code from nowhere but beside its source, and only reads it', () => {
    const own = { NODE_COMPILE_CACHE: '/elsewhere', NODE_COMPILE_CACHE_READONLY: '0' };
    const { NODE_COMPILE_CACHE: none } = childEnvironment(own, { ok: false, error: 'absent' });
    assert.equal(none, undefined);
    assert.deepEqual(childEnvironment(own, { ok: true, value: '/code/dmz-proxy/compiled' }), {
      NODE_COMPILE_CACHE: '/code/dmz-proxy/compiled',
      NODE_COMPILE_CACHE_READONLY: '1',
    });
  });

  it('finds its own code', () => {
    const code = codeFolders();
    assert.match(code.proxy, /dmz-proxy$/);
    assert.match(code.shared, /shared$/);
    assert.match(code.sharedLink, /node_modules\/@sallyport\/shared$/);
  });
});
