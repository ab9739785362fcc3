import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { obstacleToBooting } from './package/booted-debian.ts';
import {
  mountsOf,
  type PackagedService,
  runsInstalledFile,
  wordsOfKernel,
} from './package/packaged-service.ts';
import { ATTEMPTS, tryEverything } from './package/sandbox-attempts.ts';
import { StandaloneHost } from './package/standalone-host.ts';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';
import { until } from './support/wait.ts';
import { needsZones } from './zones/needs-zones.ts';

const HANG_MS = 60_000;
const STOP_S_MAX = 20;
/** Where the container's manager hands things in. */
const OF_CONTAINER = '/run/host/';
/** Where systemd hands mounts in: read-only, and root's alone. */
const OF_SYSTEMD = '/run/systemd/incoming';

describe('both packages on a host that systemd runs', {
  skip: obstacle(),
  timeout: 600_000,
}, () => {
  let host: StandaloneHost;
  let proxy: PackagedService;
  let gateway: PackagedService;
  const tried = new Map<PackagedService, ReadonlyMap<string, string>>();

  before(async () => {
    host = await StandaloneHost.boot();
    ({ proxy, gateway } = host);
  });
  after(() => host?.remove());

  it('install, and start nothing by themselves', async () => {
    host.debian.run('dpkg', '--install', ...host.packages());
    await host.plan(5061);
    for (const service of [proxy, gateway]) {
      assert.deepEqual(service.show('LoadState', 'ActiveState'), {
        LoadState: 'loaded',
        ActiveState: 'inactive',
      });
    }
  });

  it('have units in which systemd finds nothing to complain of', () => {
    const said = host.debian.attempt(
      'systemd-analyze',
      'verify',
      '--man=no',
      proxy.unit,
      gateway.unit,
    );
    assert.deepEqual([said.status, said.stderr], [0, '']);
  });

  it('have sandboxes in which everything can be tried', () => {
    tried.set(proxy, tryEverything(host.debian, proxy, gateway.node));
    tried.set(gateway, tryEverything(host.debian, gateway, proxy.node));
  });

  for (const { name, ...expected } of ATTEMPTS) {
    it(`to ${name}: ${expected.proxy} to the proxy, ${expected.gateway} to the gateway`, () => {
      assert.equal(tried.get(proxy)?.get(name), expected.proxy);
      assert.equal(tried.get(gateway)?.get(name), expected.gateway);
    });
  }

  it('start, join, and carry a message', async () => {
    // A time that a test can wait for, and within which a database is made; what happens at its end is the unit's.
    gateway.addDropIn('quick', ['WatchdogSec=15', 'RestartSec=100ms']);
    host.debian.run('systemctl', 'enable', '--now', proxy.unit, gateway.unit);
    await host.up();
    assert.equal(await host.messageFromPartner(5061), 200);
  });

  it('run as users of their own, without capabilities, in a user namespace of their own', () => {
    assertRights(proxy, 3);
    assertRights(gateway, 1);
  });

  it('can write their own state alone, and run nothing that can be written', () => {
    for (const service of [proxy, gateway]) {
      const [main] = service.processes;
      assert.ok(main !== undefined);
      const mounts = mountsOf(main).filter(({ place }) => !place.startsWith(OF_CONTAINER));
      const places = (without: string): readonly string[] =>
        mounts
          .filter(({ options }) => !options.includes(without))
          .map(({ place }) => place)
          .sort();
      const state = `/var/lib/sallyport/${service.node}`;
      assert.deepEqual(places('ro'), ['/dev/pts', '/proc', '/tmp', state, '/var/tmp']);
      const executable = places('noexec').filter((place) => !place.startsWith('/usr/lib'));
      const notify = service === gateway ? ['/usr/bin/systemd-notify'] : [];
      assert.deepEqual(executable, [OF_SYSTEMD, ...notify]);
    }
  });

  it('are exposed no more than is promised', () => {
    assert.ok(exposure(proxy) < 1.5);
    assert.ok(exposure(gateway) < 2.5);
  });

  it('what hangs is killed and begun again: the gateway by systemd, a worker by its launcher', async () => {
    const [, worker] = proxy.processes;
    assert.ok(worker !== undefined);
    const hung = await gateway.main();
    process.kill(worker, 'SIGSTOP');
    process.kill(hung, 'SIGSTOP');
    await until('the gateway to be begun again', HANG_MS, () => {
      const { NRestarts } = gateway.show('NRestarts');
      return NRestarts === '1' || undefined;
    });
    assert.notEqual(await gateway.main(), hung);
    const journal = host.debian.run('journalctl', '--unit', gateway.unit, '--output=cat');
    assert.match(journal, /Failed with result 'watchdog'/);
    await until('the worker to be begun again', HANG_MS, () => {
      const { processes } = proxy;
      return (processes.length === 3 && !processes.includes(worker)) || undefined;
    });
    assert.equal(proxy.events('worker-silent').length, 1);
    assert.equal(proxy.show('NRestarts')['NRestarts'], '0');
    gateway.addDropIn('quick', ['RestartSec=100ms']);
    await host.up();
    assert.equal(await host.messageFromPartner(5061), 200);
  });

  it('what is killed is begun again, and leaves nobody behind', async () => {
    for (const service of [proxy, gateway]) {
      const before = service.processes;
      process.kill(await service.main(), 'SIGKILL');
      await until(`${service.unit} to be begun again`, HANG_MS, () => {
        const { processes } = service;
        return (
          (processes.length === before.length && !processes.some((pid) => before.includes(pid))) ||
          undefined
        );
      });
    }
    await host.up();
    assert.equal(await host.messageFromPartner(5061), 200);
  });

  it('a proxy whose bundle is wrong fails, and is not begun again', async () => {
    const settings = '/etc/sallyport/edge-1/proxy.json';
    host.debian.run('cp', '--preserve', settings, '/srv/proxy.json');
    host.debian.run('sh', '-c', `echo '{}' > ${settings}`);
    const refused = host.debian.attempt('systemctl', 'restart', proxy.unit);
    assert.notEqual(refused.status, 0);
    await until('the proxy to fail', HANG_MS, () => {
      return proxy.show('ActiveState')['ActiveState'] === 'failed' || undefined;
    });
    assert.deepEqual(proxy.show('ExecMainStatus', 'NRestarts'), {
      ExecMainStatus: '78',
      NRestarts: '0',
    });
    host.debian.run('cp', '--preserve', '/srv/proxy.json', settings);
    const before = proxy.events('waiting-for-snapshot').length;
    host.debian.run('systemctl', 'start', proxy.unit);
    // A start ends when its health port answers: nothing is waited for here.
    assert.ok(proxy.events('waiting-for-snapshot').length > before);
    await host.up();
  });

  it('a launcher that hangs is ended by a worker, and begun again by systemd', async () => {
    const before = proxy.processes;
    const { NRestarts = '' } = proxy.show('NRestarts');
    process.kill(await proxy.main(), 'SIGSTOP');
    await until('the proxy to be begun again', HANG_MS, () => {
      const { processes } = proxy;
      return (
        (processes.length === 3 && !processes.some((pid) => before.includes(pid))) || undefined
      );
    });
    assert.ok(proxy.events('launcher-silent').length > 0);
    assert.equal(Number(proxy.show('NRestarts')['NRestarts']), Number(NRestarts) + 1);
    await host.up();
  });

  it('a start of the gateway ends when it is up, and fails when its bundle is wrong', async () => {
    const settings = '/etc/sallyport/gateway-1/gateway.json';
    host.debian.run('cp', '--preserve', settings, '/srv/gateway.json');
    host.debian.run('sh', '-c', `echo '{}' > ${settings}`);
    const refused = host.debian.attempt('systemctl', 'restart', gateway.unit);
    assert.notEqual(refused.status, 0);
    host.debian.run('cp', '--preserve', '/srv/gateway.json', settings);
    const before = gateway.events('ready').length;
    host.debian.run('systemctl', 'restart', gateway.unit);
    assert.equal(gateway.events('ready').length, before + 1);
    assert.equal(gateway.show('NotifyAccess', 'Type')['Type'], 'notify');
    await host.up();
  });

  it('a new bundle: the gateway takes it over at a reload; the proxy takes a port below 1024 with the plan’s setting, its sandbox whole', async () => {
    const before = [await gateway.main(), gateway.events('reloaded').length] as const;
    await host.plan(443);
    host.debian.run('systemctl', 'reload', gateway.unit);
    host.debian.run('systemctl', 'restart', proxy.unit);
    await gateway.says('reloaded', before[1]);
    assert.equal(await gateway.main(), before[0]);
    await host.up();
    assert.equal(await host.messageFromPartner(443), 200);
    assertRights(proxy, 3);
    const said = host.debian.attempt('systemd-analyze', 'verify', '--man=no', proxy.unit);
    assert.deepEqual([said.status, said.stderr], [0, '']);
    assert.ok(exposure(proxy) < 1.5);
  });

  it('a proxy’s reload leaves its processes as they are', async () => {
    const { processes } = proxy;
    host.debian.run('systemctl', 'reload', proxy.unit);
    assert.deepEqual(proxy.processes, processes);
    assert.equal(await host.messageFromPartner(443), 200);
  });

  it('after an upgrade what runs goes on with the old program, until it is restarted', async () => {
    const before = [...proxy.processes, ...gateway.processes];
    const said = host.debian.run('dpkg', '--install', ...host.newerPackages());
    assert.match(said, /systemctl restart 'sallyport-dmz-proxy@\*'/);
    assert.match(said, /systemctl restart 'sallyport-app-gateway@\*'/);
    assert.deepEqual([...proxy.processes, ...gateway.processes], before);
    assert.ok(!before.some(runsInstalledFile));
    assert.equal(await host.messageFromPartner(443), 200);
    host.debian.run('systemctl', 'restart', 'sallyport-app-gateway@*', 'sallyport-dmz-proxy@*');
    await host.up();
    assert.ok([...proxy.processes, ...gateway.processes].every(runsInstalledFile));
    assert.equal(await host.messageFromPartner(443), 200);
  });

  it('a gateway comes back from its backup, and its proxy takes it', async () => {
    const secret = '/srv/backup.passphrase';
    const sallyport = (...words: readonly string[]): string =>
      host.debian.run('sallyport', ...words, '--passphrase-file', secret);
    host.debian.write(secret, 'a passphrase of a test\n');
    const bundle = `/etc/sallyport/${gateway.node}`;
    sallyport('backup', '--bundle', bundle, '--out', '/srv/gateway.backup');
    host.debian.run('systemctl', 'stop', gateway.unit);
    host.debian.run('rm', '-r', bundle, `/var/lib${bundle.slice('/etc'.length)}`);
    sallyport('restore', '/srv/gateway.backup', '--bundle', '/srv/restored');
    host.debian.run('sallyport-gateway-bundle', '--restored', gateway.node, '/srv/restored');
    host.debian.run('touch', `${bundle}/site.yaml`);
    host.debian.run('systemctl', 'start', gateway.unit);
    await host.up();
    assert.equal(await host.messageFromPartner(443), 200);
  });

  it('come up by themselves when their host starts again', async () => {
    await host.debian.reboot();
    await host.up();
    assert.equal(await host.messageFromPartner(443), 200);
  });

  it('stop in good order within their time', () => {
    const began = performance.now();
    host.debian.run('systemctl', 'stop', proxy.unit, gateway.unit);
    assert.ok(performance.now() - began < STOP_S_MAX * 1000);
    for (const service of [proxy, gateway]) {
      assert.deepEqual(service.show('ActiveState', 'Result', 'ExecMainStatus'), {
        Result: 'success',
        ExecMainStatus: '0',
        ActiveState: 'inactive',
      });
    }
  });

  it('are stopped before they are removed; a purge keeps keys and records', async () => {
    host.debian.run('systemctl', 'start', proxy.unit, gateway.unit);
    const running = [await proxy.main(), await gateway.main()];
    host.debian.run('dpkg', '--purge', 'sallyport-dmz-proxy', 'sallyport-gateway');
    assert.ok(running.every((pid) => !isAlive(pid)));
    host.debian.run('test', '-f', '/etc/sallyport/edge-1/channel.key');
    host.debian.run('test', '-d', '/var/lib/sallyport/gateway-1/state');
    const left = host.debian.run(
      'find',
      '/etc/systemd/system',
      '-name',
      'sallyport*',
      '-type',
      'l',
    );
    assert.equal(left, '');
  });

  function assertRights(service: PackagedService, count: number): void {
    const { User = '' } = service.show('User');
    const uid = host.debian.run('id', '--user', User);
    const { processes } = service;
    assert.equal(processes.length, count);
    for (const pid of processes) {
      const { Uid = '', NoNewPrivs, Seccomp, ...words } = wordsOfKernel(pid);
      assert.deepEqual([Uid.split('\t')[0], NoNewPrivs, Seccomp], [uid, '1', '2']);
      for (const set of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb']) {
        assert.equal(BigInt(`0x${words[set]}`), 0n, set);
      }
      const map = host.debian.run('cat', `/proc/${words['NSpid']?.split('\t').at(-1)}/uid_map`);
      assert.equal(map.split('\n').length, 2, map);
    }
  }

  function exposure(service: PackagedService): number {
    const said = host.debian.run('systemd-analyze', 'security', '--no-pager', service.unit);
    return Number(/Overall exposure level .*: ([\d.]+)/.exec(said)?.[1]);
  }
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Why this cannot be tried here; in CI that is a failure. */
function obstacle(): string | false {
  const why = obstacleToBooting();
  if (why === undefined) {
    const { skip } = needs('debootstrap', 'systemd-nspawn');
    return skip === false ? needsZones().skip : skip;
  }
  const reason = `NO SYSTEMD: ${why}`;
  if (environment['CI'] === 'true') throw new Error(reason);
  console.error(`peers: ${reason}: packages-run-under-systemd SKIPPED`);
  return reason;
}
