import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { HostSeen } from './package/installed-host.ts';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';
import { buildPackages, freshDebian, needsRoot } from './support/fresh-debian.ts';

const HOST = fileURLToPath(new URL('package/installed-host.ts', import.meta.url));
const APT = { ...environment, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
const EPERM = 'errno 1';
const EACCES = 'errno 13';
const EROFS = 'errno 30';
const EAFNOSUPPORT = 'errno 97';

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

/** What is tried under the sandbox of the proxy's unit. */
const ATTEMPTS: readonly (readonly [attempt: string, outcome: string | RegExp])[] = [
  ['run a shell', /PermissionError.*\/bin\/sh/],
  ['write the state', 'done'],
  ['write its bundle', EROFS],
  ['write below /usr', EROFS],
  ['read the gateway’s keys', EACCES],
  ['read its own key', 'done'],
  ['open an Internet socket', 'done'],
  ['open a Unix socket', EAFNOSUPPORT],
  ['open a netlink socket', EAFNOSUPPORT],
  ['open a raw socket', EPERM],
  ['make a user namespace', EPERM],
  ['trace a process', EPERM],
  ['mount', EPERM],
];

const isRoot = process.getuid?.() === 0;
const { skip } = isRoot
  ? needs('debootstrap', 'systemd-analyze', 'seccomp')
  : needsRoot('package-installs');

describe('the Debian packages in a fresh Debian', { skip, timeout: 600_000 }, () => {
  let work: string;
  let root: string;
  let seen: HostSeen;

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

  it('run, each under the sandbox of its unit, until their health answers', () => {
    const words = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const ran = spawnSync('unshare', [...words, process.execPath, HOST, root], {
      encoding: 'utf8',
    });
    assert.equal(ran.status, 0, ran.stderr);
    seen = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as HostSeen;
    assert.deepEqual(seen.proxy.health, { status: 'up' });
    assert.equal(Object(seen.gateway.health).status, 'up');
    assert.match(seen.partners, /^PARTNER/);
    assert.deepEqual([seen.proxy.exitCode, seen.gateway.exitCode], [0, 0]);
  });

  it('run as users of their own, without capabilities, unable to gain any', () => {
    const users = readFileSync(join(root, 'etc/passwd'), 'utf8');
    for (const [user, { processes }, count] of [
      ['sallyport-proxy', seen.proxy, 3],
      ['sallyport-gateway', seen.gateway, 1],
    ] as const) {
      const uid = new RegExp(`^${user}:x:(\\d+):`, 'm').exec(users)?.[1];
      assert.equal(processes.length, count);
      for (const { Uid, CapEff, CapBnd, NoNewPrivs, Seccomp } of processes) {
        assert.deepEqual([Uid, NoNewPrivs, Seccomp], [uid, '1', '2']);
        assert.deepEqual([Number(`0x${CapEff}`), Number(`0x${CapBnd}`)], [0, 0]);
      }
    }
  });

  for (const [attempt, outcome] of ATTEMPTS) {
    it(`the proxy’s sandbox: to ${attempt} is ${outcome === 'done' ? 'possible' : 'refused'}`, () => {
      const found = seen.attempts[attempt] ?? 'not tried';
      if (typeof outcome === 'string') assert.equal(found, outcome);
      else assert.match(found, outcome);
    });
  }

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
