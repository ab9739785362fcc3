import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { ROOT } from '../architecture/source-tree.ts';
import { needs } from './support/available.ts';
import { buildPackages, freshDebian, needsRoot } from './support/fresh-debian.ts';

const isRoot = process.getuid?.() === 0;
const { skip } = isRoot ? needs('debootstrap', 'buildah') : needsRoot('containers-build');
const USER = 65_532;
const BASE = 'localhost/sallyport-test-base';

describe('the container images', { skip, timeout: 300_000 }, () => {
  let work: string;
  const folders = new Map<string, string>();

  before(() => {
    work = mkdtempSync(join(tmpdir(), 'containers-build-'));
    buildPackages(join(work, 'dist'));
    // No registry: the base is the same Debian, made here.
    const base = buildah('from', 'scratch');
    buildah('add', '--quiet', base, freshDebian(), '/');
    buildah('commit', '--quiet', base, BASE);
    for (const name of ['dmz-proxy', 'gateway']) {
      const file = join(ROOT, 'deploy/container', `${name}.Containerfile`);
      const options = ['--quiet', '--isolation=chroot', '--build-arg', `BASE=${BASE}`];
      buildah('build', ...options, '--file', file, '--tag', name, join(work, 'dist'));
      folders.set(name, buildah('mount', buildah('from', '--pull-never', `localhost/${name}`)));
    }
  });
  after(() => {
    buildah('umount', '--all');
    buildah('rm', '--all');
    buildah('rmi', '--all', '--force');
    rmSync(work, { recursive: true });
  });

  /** With storage of its own, so that nothing of the machine's is touched. */
  function buildah(...words: readonly string[]): string {
    const storage = [
      '--storage-driver=vfs',
      '--root',
      join(work, 's'),
      '--runroot',
      join(work, 'r'),
    ];
    return execFileSync('buildah', [...storage, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  }

  function inImage(name: string, ...words: readonly string[]): readonly string[] {
    return [`--userspec=${USER}:${USER}`, folders.get(name) ?? '', ...words];
  }

  it('run as nobody of note, from their program alone', () => {
    for (const name of ['dmz-proxy', 'gateway']) {
      const said = buildah('inspect', '--type=image', `localhost/${name}`);
      const { config } = (JSON.parse(said) as { OCIv1: { config: object } }).OCIv1;
      assert.deepEqual(config, {
        ...config,
        User: `${USER}:${USER}`,
        Entrypoint: [`/usr/lib/sallyport/sallyport-${name}`],
        Cmd: ['/etc/sallyport/node'],
      });
    }
  });

  it('hold no shell, no package manager and no package tree', () => {
    for (const folder of folders.values()) {
      const all = readdirSync(folder, { recursive: true }).map(String);
      assert.ok(all.length > 10);
      const tools = all.filter((path) =>
        /(^|\/)(sh|dash|bash|apt|dpkg|npm|node_modules)$/.test(path),
      );
      assert.deepEqual(tools, []);
    }
  });

  it('start: the gateway’s makes a site, the edge’s runs with a bundle of it', async () => {
    const site = join(folders.get('gateway') ?? '', 'tmp/site');
    const words = ['init', '/tmp/site', '--layout', 'single-dmz', '--domain', 'a.example'];
    chownSync(join(site, '..'), USER, USER);
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/tmp' };
    execFileSync('chroot', inImage('gateway', '/usr/bin/sallyport', ...words), { env });
    const bundle = join(folders.get('dmz-proxy') ?? '', 'etc/sallyport/node');
    cpSync(join(site, 'hosts/edge-1'), bundle, { recursive: true });
    execFileSync('chown', ['-R', `${USER}:${USER}`, bundle]);

    // A network of its own, in which all ports are free.
    const program = inImage('dmz-proxy', '/usr/lib/sallyport/sallyport-dmz-proxy');
    const child = spawn('unshare', ['--net', 'chroot', ...program, '/etc/sallyport/node'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    });
    const exit = once(child, 'exit');
    const events: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      events.push(String((JSON.parse(line) as { event: unknown }).event));
      if (events.length === 3) child.kill('SIGTERM');
    }
    assert.deepEqual(await exit, [0, null]);
    assert.deepEqual(events.slice(0, 2), ['launched', 'waiting-for-snapshot']);
  });
});
