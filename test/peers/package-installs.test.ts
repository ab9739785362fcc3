import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';
import { buildPackages, freshDebian, needsRoot } from './support/fresh-debian.ts';

const APT = { ...environment, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };

const READ = '--allow-fs-read=/etc/sallyport/edge-1';
const WRITE = '--allow-fs-write=/etc/sallyport/edge-1/spool';

/** Rights with which somebody might begin a worker of the packaged proxy, and what it says of them. */
const WIDER: readonly (readonly [rights: string, event: RegExp])[] = [
  ['', /bundle-refused/],
  [`--allow-net ${READ} ${WRITE}`, /permission-model-required.*may start other programs/],
  [`--no-allow-child-process ${READ} --allow-fs-write=*`, /may write files outside its spool/],
  ['--no-allow-child-process --allow-fs-read=*', /may read files outside its code and bundle/],
  ['--no-allow-child-process --no-permission', /runs without --permission/],
];

const isRoot = process.getuid?.() === 0;
const { skip } = isRoot ? needs('debootstrap') : needsRoot('package-installs');

describe('the Debian packages in a fresh Debian', { skip, timeout: 600_000 }, () => {
  let work: string;
  let root: string;

  before(() => {
    work = mkdtempSync(join(tmpdir(), 'package-installs-'));
    root = join(work, 'root');
    buildPackages(work);
    execFileSync('cp', ['-a', freshDebian(), root]);
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  function inRoot(...words: readonly string[]) {
    return spawnSync('chroot', [root, ...words], { encoding: 'utf8', env: APT });
  }

  function run(...words: readonly string[]): string {
    const { status, stdout, stderr } = inRoot(...words);
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  }

  function packages(): readonly string[] {
    return readdirSync(work).filter((name) => name.endsWith('.deb'));
  }

  it('are what their checksums say', () => {
    assert.equal(packages().length, 2);
    execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: work });
  });

  it('install with nothing but what they declare', () => {
    for (const name of packages()) execFileSync('cp', [join(work, name), join(root, 'srv')]);
    const before = installed();
    const files = packages().map((name) => `/srv/${name}`);
    const done = inRoot('apt-get', 'install', '-y', '--no-install-recommends', ...files);
    assert.equal(done.status, 0, done.stdout + done.stderr);
    const fresh = installed().filter((name) => !before.includes(name));
    assert.deepEqual(fresh, ['libatomic1', 'sallyport-dmz-proxy', 'sallyport-gateway']);
  });

  it('leave no npm and no package tree behind, and files as they were packed', () => {
    const all = readdirSync(join(root, 'usr/lib/sallyport'));
    assert.deepEqual(all.sort(), [
      'initdb.wasm',
      'pglite.data',
      'pglite.wasm',
      'sallyport-dmz-proxy',
      'sallyport-gateway',
    ]);
    const verified = inRoot('dpkg', '--verify', 'sallyport-dmz-proxy', 'sallyport-gateway');
    assert.deepEqual([verified.status, verified.stdout], [0, '']);
  });

  it('take bundles, a second time as well', () => {
    run('sallyport', 'init', '/srv/site', '--layout', 'single-dmz', '--domain', 'a.example');
    for (const again of [false, true]) {
      const said = run('sallyport-dmz-proxy-bundle', 'edge-1', '/srv/site/hosts/edge-1');
      assert.match(said, /edge-1 is in place/, `${again}`);
    }
    run('sallyport-gateway-bundle', 'gateway-1', '/srv/site/hosts/gateway-1');
  });

  for (const [rights, event] of WIDER) {
    it(`a worker of the proxy begun with ${rights || 'what is inborn'} ends itself`, () => {
      const options = rights === '' ? [] : [`--node-options=${rights}`];
      const words = [...options, '/etc/sallyport/edge-1', '0', 'worker'];
      // NODE_OPTIONS is not heard.
      const env = { ...APT, NODE_OPTIONS: '--allow-fs-read=* --allow-net' };
      const ended = spawnSync('chroot', [root, 'sallyport-dmz-proxy', ...words], {
        encoding: 'utf8',
        env,
      });
      assert.equal(ended.status, 78);
      assert.match(ended.stdout, event);
    });
  }

  it('keep keys for root to write and one user to read, and state for that user alone', () => {
    const key = lstatSync(join(root, 'etc/sallyport/edge-1/channel.key'));
    assert.deepEqual([key.uid, key.mode & 0o777], [0, 0o640]);
    const folder = lstatSync(join(root, 'etc/sallyport/edge-1'));
    assert.deepEqual([folder.uid, folder.mode & 0o777, folder.gid], [0, 0o750, key.gid]);
    const state = lstatSync(join(root, 'var/lib/sallyport/edge-1/spool'));
    assert.deepEqual([state.uid === 0, state.mode & 0o777], [false, 0o700]);
    const other = lstatSync(join(root, 'etc/sallyport/gateway-1/cluster.key'));
    assert.notEqual(other.gid, key.gid);
  });

  it('go without their files, and leave keys and records where somebody may need them', () => {
    const gone = inRoot('apt-get', 'purge', '-y', 'sallyport-dmz-proxy', 'sallyport-gateway');
    assert.equal(gone.status, 0, gone.stdout + gone.stderr);
    assert.equal(existsSync(join(root, 'usr/lib/sallyport')), false);
    assert.ok(existsSync(join(root, 'etc/sallyport/edge-1/channel.key')));
    assert.ok(existsSync(join(root, 'var/lib/sallyport/gateway-1/state')));
  });

  it('go without a trace from a host where nothing was kept', () => {
    rmSync(join(root, 'etc/sallyport'), { recursive: true });
    rmSync(join(root, 'var/lib/sallyport'), { recursive: true });
    const files = packages().map((name) => `/srv/${name}`);
    inRoot('apt-get', 'install', '-y', '--no-install-recommends', ...files);
    const gone = inRoot('apt-get', 'purge', '-y', 'sallyport-dmz-proxy', 'sallyport-gateway');
    assert.equal(gone.status, 0, gone.stdout + gone.stderr);
    const left = inRoot(
      'find',
      '/usr',
      '/etc',
      '/var/lib/sallyport',
      '-xdev',
      '-name',
      '*sallyport*',
    );
    assert.equal(left.stdout, '');
    assert.doesNotMatch(readFileSync(join(root, 'etc/passwd'), 'utf8'), /sallyport/);
    assert.doesNotMatch(readFileSync(join(root, 'etc/group'), 'utf8'), /sallyport/);
  });

  function installed(): readonly string[] {
    const lines = inRoot('dpkg', '--get-selections').stdout.trim().split('\n');
    return lines.map((line) => line.split(/[\s:]/)[0] ?? '').sort();
  }
});
