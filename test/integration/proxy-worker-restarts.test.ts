import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { codeFolders } from '@sallyport/dmz-proxy/launcher/launch.ts';
import { childrenOf, socketsOf } from './support/child-processes.ts';
import { ProxyProcess } from './support/proxy-process.ts';
import { proxySite } from './support/proxy-site.ts';

/** Numbers of the internet sockets that a process holds. */
function internetSocketsOf(pid: number): string[] {
  const tables = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) =>
    readFileSync(`/proc/net/${name}`, 'latin1'),
  );
  const known = new Set(
    tables.flatMap((text) => text.split('\n').map((row) => row.trim().split(/\s+/)[9])),
  );
  return socketsOf(pid).filter((inode) => known.has(inode));
}

/** As the kernel has its command line. */
function rightsOf(pid: number): string[] {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  return words.filter((word) => /^--(permission|allow)/.test(word));
}

const code = codeFolders();

it('a worker that dies is started again, and the launcher holds no socket and no right but its own', async () => {
  const site = await proxySite({ workers: 2 });
  const proxy = new ProxyProcess(site.folder);
  await proxy.line('waiting-for-snapshot', 0, 2);
  const launcher = proxy.child.pid ?? 0;
  const workers = childrenOf(launcher);
  assert.equal(workers.length, 2);
  assert.deepEqual(internetSocketsOf(launcher), []);
  assert.deepEqual(rightsOf(launcher), [
    '--permission',
    '--allow-child-process',
    ...[code.proxy, code.shared, code.sharedLink, site.folder].map(
      (folder) => `--allow-fs-read=${folder}`,
    ),
  ]);
  assert.ok(internetSocketsOf(workers[0] as number).length > 0);
  const since = proxy.lines.length;
  process.kill(workers[0] as number, 'SIGKILL');
  await proxy.line('worker-died', since);
  await proxy.line('waiting-for-snapshot', since);
  assert.equal(childrenOf(launcher).length, 2);
  assert.equal(await proxy.stop(), 0);
  site.remove();
});

it('workers end when their launcher is killed', async () => {
  const site = await proxySite();
  const proxy = new ProxyProcess(site.folder);
  await proxy.line('waiting-for-snapshot');
  const launcher = proxy.child.pid ?? 0;
  process.kill(launcher, 'SIGKILL');
  await proxy.line('stopped');
  await proxy.exit();
  site.remove();
});
