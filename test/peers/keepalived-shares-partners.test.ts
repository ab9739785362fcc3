import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PlanBalancer } from '@sallyport/app-gateway/plan/network-plan.ts';
import {
  keepalivedConfig,
  keepalivedSysctl,
} from '@sallyport/app-gateway/plan/render/keepalived.ts';
import type { SiteDraft } from '../app-gateway/plan/site-on-a-network.ts';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';
import type { Program } from './support/program.ts';
import { type Stage, staged } from './support/stage.ts';
import { until } from './support/wait.ts';
import { runInVirtualMachine, VIRTUAL_MACHINE_TEST_MS } from './vm/virtual-machine.ts';
import { workingSite } from './zones/example-sites.ts';
import type { Held, HeldConnection } from './zones/hold-connection.ts';
import { needsZones } from './zones/needs-zones.ts';
import type { ProxyStandIn } from './zones/proxy-stand-in.ts';
import type { ZoneNetwork } from './zones/zone-network.ts';
import { inZones, planOfSite } from './zones/zone-pair.ts';

/** Balancing in the kernel, which not every kernel can do; where it cannot, this file runs itself under one that can. */
const CAN_BALANCE = existsSync('/proc/net/ip_vs');
const IN_SPACE =
  'keepalived’s LVS keeps partners’ addresses, and takes a proxy out that dies or drains';
const UP_MS = 30_000;
const OTHER_PROXY_MS = 4000;
const HEALTH_PORT = 8081;
const PARTNERS = ['198.18.0.7', '198.18.0.8'] as const;

test(
  IN_SPACE,
  { ...(CAN_BALANCE ? needsZones('keepalived') : { skip: 'in a virtual machine, below' }) },
  inZones(() => planOfSite(siteBehindLvs()), sharesPartners),
);

test(
  `${IN_SPACE} (under Debian’s kernel, emulated)`,
  CAN_BALANCE
    ? { skip: 'this kernel balances itself' }
    : { ...needsEmulation(), timeout: VIRTUAL_MACHINE_TEST_MS },
  staged(async (stage) => {
    const words = '--test --test-isolation=none --test-reporter=tap';
    const node = `'${process.execPath}' ${words} '${import.meta.filename}'`;
    const { exitCode, log } = await runInVirtualMachine(stage, `set -e\n${IN_GUEST}\n${node}\n`);
    assert.equal(exitCode, 0, log);
    assert.match(log, /^# pass 1\r?$/m);
  }),
);

const IN_GUEST = `export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
ip link set lo up
modprobe ip_vs
export NODE_COMPILE_CACHE='${environment['NODE_COMPILE_CACHE'] ?? ''}'`;

function needsEmulation() {
  return process.arch === 'x64'
    ? needs('keepalived', 'qemu-system-x86_64', 'busybox', 'depmod')
    : { skip: 'NO KERNEL WITH LVS, and it is emulated on x64 alone' };
}

/** The example site with LVS in front of both proxies. */
function siteBehindLvs(): SiteDraft {
  const site = workingSite();
  Object.assign(site.network.balancers[0], { kind: 'keepalived', mode: 'pass-through' });
  for (const [at, proxy] of site.proxies.entries()) {
    const host = `192.0.2.1${at + 1}`;
    proxy.listen = [{ host, port: 5061 }];
    proxy.health = { host, port: HEALTH_PORT };
  }
  return site;
}

async function sharesPartners(stage: Stage, network: ZoneNetwork): Promise<void> {
  const bench = new Bench(stage, network);
  await bench.start();
  const [first, second] = [await bench.partnerCalls(0), await bench.partnerCalls(1)];
  assert.equal(first.last.seenFrom, PARTNERS[0], 'the partner’s own address is seen');
  assert.equal(second.last.seenFrom, PARTNERS[1]);
  assert.ok(bench.silenceSeconds > 400_000, 'a silent connection is kept for days');
  const [dying, staying] = [first.last.proxy, second.last.proxy];
  assert.notEqual(dying, staying, 'who has fewest gets the next one');

  const killedAt = Date.now();
  await bench.kill(dying);
  await until('the other proxy', UP_MS, () => first.last.proxy === staying || undefined);
  const tookMs = first.last.at - killedAt;
  assert.ok(tookMs < OTHER_PROXY_MS, `it took ${tookMs} ms to reach the other proxy`);
  assert.equal(second.last.call, 1, 'the other partner noticed nothing');

  // Back, and then the other one drains: who is there stays, who comes anew goes elsewhere.
  await bench.startProxy(dying);
  await bench.inRotation(2);
  bench.drains(staying, true);
  await bench.inRotation(1);
  const newcomer = await bench.partnerCalls(1);
  assert.equal(
    newcomer.last.proxy,
    dying,
    'a partner that comes back is not sent to one that drains',
  );
  const { at } = second.last;
  await until('its connection to go on', UP_MS, () => second.last.at > at + 500 || undefined);
  assert.equal(second.last.call, 1, 'a connection stays with the proxy that drains');
  assert.equal(second.last.proxy, staying);
  bench.drains(staying, false);
  await bench.inRotation(2);
}

/** Stand-ins for the proxies, keepalived in front of them, and partners that call. */
class Bench {
  readonly #stage: Stage;
  readonly #network: ZoneNetwork;
  readonly #balancer: PlanBalancer;
  readonly #proxies = new Map<string, Program>();
  #started = 0;

  constructor(stage: Stage, network: ZoneNetwork) {
    const [balancer] = network.plan.balancers;
    assert.ok(balancer);
    this.#stage = stage;
    this.#network = network;
    this.#balancer = balancer;
  }

  async start(): Promise<void> {
    for (const { host } of this.#balancer.targets) await this.startProxy(host);
    const space = this.#network.at(this.#balancer.host);
    space.system(settingsOf(keepalivedSysctl()));
    const folder = this.#stage.subfolder('keepalived');
    const file = join(folder, 'keepalived.conf');
    writeFileSync(file, keepalivedConfig(this.#network.plan, this.#balancer));
    const pids = ['-p', join(folder, 'pid'), '-c', join(folder, 'checkers.pid')];
    const args = ['--dont-fork', '--log-console', '--check', ...pids, '-f', file];
    await this.#stage.start(
      { name: 'keepalived', ...space.command('/usr/sbin/keepalived', args) },
      () => this.#weighted === this.#balancer.targets.length,
    );
  }

  async startProxy(host: string): Promise<void> {
    const target = this.#balancer.targets.find((each) => each.host === host);
    assert.ok(target?.health !== undefined, 'the plan says where its health is asked');
    const { address, port, health } = target;
    const unfitFile = this.#unfitFile(host);
    const wishes: ProxyStandIn = { name: host, host: address, port, health, unfitFile };
    const program = await this.#run(host, 'proxy-stand-in.ts', wishes, 'ready');
    this.#proxies.set(host, program);
  }

  async kill(proxy: string): Promise<void> {
    await this.#proxies.get(proxy)?.kill();
  }

  drains(proxy: string, isDraining: boolean): void {
    if (isDraining) writeFileSync(this.#unfitFile(proxy), '');
    else rmSync(this.#unfitFile(proxy));
  }

  async inRotation(count: number): Promise<void> {
    await until(`${count} in rotation`, UP_MS, () => this.#weighted === count || undefined);
  }

  /** A partner that stays on the line, and calls again when it must. */
  async partnerCalls(number: 0 | 1): Promise<Caller> {
    const { address: host, port } = this.#balancer.listen;
    const wishes: HeldConnection = {
      host,
      port,
      localAddress: PARTNERS[number],
      isRenewed: true,
    };
    const name = number === 0 ? 'partner-a' : 'partner-b';
    return new Caller(await this.#run(name, 'hold-connection.ts', wishes, '"proxy"'));
  }

  /** Proxies that the kernel gives new connections, as its table says. */
  get #weighted(): number {
    const table = this.#network.at(this.#balancer.host).run('cat', ['/proc/net/ip_vs']);
    return table.split('Masq    1 ').length - 1;
  }

  /** How much longer the connection that may be silent for the shortest time is kept. */
  get silenceSeconds(): number {
    const table = this.#network.at(this.#balancer.host).run('cat', ['/proc/net/ip_vs_conn']);
    return Math.min(...[...table.matchAll(/ESTABLISHED +(\d+)/g)].map(([, left]) => Number(left)));
  }

  async #run(host: string, file: string, wishes: unknown, sign: string): Promise<Program> {
    this.#started += 1;
    const program = join(import.meta.dirname, 'zones', file);
    const args = [program, JSON.stringify(wishes)];
    return await this.#stage.start(
      {
        name: `${host}-${this.#started}`,
        ...this.#network.at(host).command(process.execPath, args),
      },
      ({ log }) => log.includes(sign),
    );
  }

  #unfitFile(proxy: string): string {
    return join(this.#stage.folder, `${proxy}-is-unfit`);
  }
}

/** What a partner on the line has heard. */
class Caller {
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  get last(): Held {
    const line = this.#program.log.split('\n').findLast((each) => each.endsWith('}'));
    return JSON.parse(line ?? '');
  }
}

/** Kernel settings of a file for sysctl.d. */
function settingsOf(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => line.split(' = ')));
}
