import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holderOf, ownProcesses } from '@sallyport/app-gateway/doctor/own-processes.ts';
import { fakeSystem } from './fake-system.ts';

const BUNDLE = '/etc/sallyport/edge-1';

/** One process by its words, and where it stands. */
function found(words: readonly string[], cwd = '/') {
  const system = fakeSystem({
    texts: {
      '/proc/42/cmdline': words.map((word) => `${word}\0`).join(''),
      '/proc/42/status': 'Name:\tnode\nUid:\t998\t998\t998\t998\nNoNewPrivs:\t1\n',
      '/proc/42/limits':
        'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            65536                65536                files     \n',
      '/proc/meminfo': '',
    },
    links: {
      '/proc/42/cwd': cwd,
      '/proc/42/fd/0': '/dev/null',
      '/proc/42/fd/7': 'socket:[1001]',
    },
  });
  return ownProcesses(system, [BUNDLE]);
}

//  words                                                                  kind, or nothing
const table: readonly (readonly [readonly string[], string | undefined])[] = [
  [['node', '--permission', '/opt/dmz-proxy/src/worker.ts', BUNDLE, '0'], 'worker'],
  [['node', '--permission', '/opt/dmz-proxy/src/main.ts', BUNDLE], 'launcher'],
  [['node', '/opt/app-gateway/src/main.ts', BUNDLE], 'gateway'],
  [
    ['/usr/lib/sallyport/sallyport-dmz-proxy', '--node-options="x"', BUNDLE, '0', 'worker'],
    'worker',
  ],
  [
    ['/usr/lib/sallyport/sallyport-dmz-proxy', '--node-options="x"', BUNDLE, 'launcher'],
    'launcher',
  ],
  [['/usr/lib/sallyport/sallyport-dmz-proxy', BUNDLE], undefined],
  [['/usr/lib/sallyport/sallyport-gateway', BUNDLE], 'gateway'],
  [['node', '/opt/app-gateway/src/main.ts', '/etc/sallyport/edge-2'], undefined],
  [['vi', `${BUNDLE}/proxy.json`], undefined],
  [['node', '/opt/app-gateway/src/cli/main.ts', 'doctor', '--bundle', BUNDLE], undefined],
];

describe('processes that run with a bundle', () => {
  for (const [words, kind] of table) {
    it(`${words.join(' ')}: ${kind ?? 'none of ours'}`, () => {
      assert.equal(found(words)[0]?.kind, kind);
    });
  }

  it('a path is one from where the process stands', () => {
    const words = ['node', 'app-gateway/src/main.ts', 'edge-1'];
    assert.equal(found(words, '/etc/sallyport').length, 1);
    assert.equal(found(words, '/etc').length, 0);
  });

  it('with what the kernel says of it, and the sockets that it holds', () => {
    const [process] = found(['node', '/opt/app-gateway/src/main.ts', BUNDLE]);
    assert.equal(process?.pid, '42');
    assert.equal(process.status.get('NoNewPrivs'), '1');
    assert.equal(process.limits.get('Max open files')?.split(/\s+/)[0], '65536');
    assert.deepEqual([...(process.sockets ?? [])], ['1001']);
  });

  it('whose a socket is, where that can be seen', () => {
    const system = fakeSystem({
      texts: { '/proc/42/comm': 'nginx\n' },
      links: { '/proc/41/fd/3': 'socket:[7]', '/proc/42/fd/3': 'socket:[1001]' },
    });
    assert.equal(holderOf(system, '1001'), 'nginx (42)');
    assert.equal(holderOf(system, '7'), 'process (41)');
    assert.equal(holderOf(system, '1002'), undefined);
  });
});
