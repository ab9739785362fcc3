import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PlanBalancer } from '@sallyport/app-gateway/plan/network-plan.ts';
import type { Program } from './support/program.ts';
import type { Stage } from './support/stage.ts';
import { until } from './support/wait.ts';
import type { Called, Calls } from './zones/call-from-each.ts';
import { packetBalancerSite } from './zones/example-sites.ts';
import { countedBy, type GeneratedRules, IPTABLES, NFTABLES } from './zones/generated-rules.ts';
import type { HeldConnection } from './zones/hold-connection.ts';
import { needsZones } from './zones/needs-zones.ts';
import { loadBalancer, startRotation } from './zones/packet-balancer.ts';
import type { ProxyStandIn } from './zones/proxy-stand-in.ts';
import type { ZoneNetwork } from './zones/zone-network.ts';
import { inZones, planOfSite } from './zones/zone-pair.ts';

const here = (file: string) => join(import.meta.dirname, 'zones', file);
/** Partners with an address each; that all of them go to one of two proxies happens once in 2^31 runs. */
const CALLERS = Array.from({ length: 32 }, (_, at) => `198.18.0.${at + 20}`);
const PARTNER = { address: '198.18.0.7', port: 5061 } as const;
/** Asked every two seconds, and two seconds' patience for an answer; the rest is for a busy machine. */
const ROTATION_MS = 15_000;
const WATCH_REDIRECTS = `table inet watch {
${['output', 'prerouting']
  .map(
    (hook) => `  counter ${hook} { }
  chain ${hook} {
    type filter hook ${hook} priority -400;
    icmp type redirect counter name "${hook}"
  }`,
  )
  .join('\n')}
}
`;

test(
  'packet rules share partners among proxies, sources kept, and proxies reach partners through the balancer',
  needsZones(),
  inSharedZones(NFTABLES, async (bench) => {
    await sharesBothWays(bench);
    await bench.rotates();
  }),
);

test(
  'the same where hosts and firewalls have iptables’ rules',
  needsZones('iptables-restore', 'ip6tables-restore'),
  inSharedZones(IPTABLES, sharesBothWays),
);

async function sharesBothWays(bench: Bench): Promise<void> {
  const outward = await bench.proxiesCallOut();
  const calls = bench.callAll();
  for (const { from, greeting } of calls) assert.equal(greeting?.seenFrom, from);
  assert.deepEqual(bench.reached(calls), ['edge-a', 'edge-b']);

  // Connections outwards stand. The balancer has seen a shorter way for them and told no proxy: what partners open to
  // it would be answered on that way as well, from an address that they never dialled.
  await bench.redirectsAreWithheld(outward);
  const [back] = bench.call([PARTNER.address]);
  assert.equal(back?.greeting?.seenFrom, PARTNER.address);
}

function inSharedZones(rules: GeneratedRules, play: (bench: Bench) => Promise<void>) {
  return inZones(
    () => planOfSite(packetBalancerSite()),
    async (stage, network) => play(await Bench.set(stage, network)),
    rules,
  );
}

/** Stand-ins for the proxies behind the balancer, and for a partner that they dial. */
class Bench {
  readonly #stage: Stage;
  readonly #network: ZoneNetwork;
  readonly #balancer: PlanBalancer;
  readonly #proxies = new Map<string, Program>();

  private constructor(stage: Stage, network: ZoneNetwork, balancer: PlanBalancer) {
    this.#stage = stage;
    this.#network = network;
    this.#balancer = balancer;
  }

  static async set(stage: Stage, network: ZoneNetwork): Promise<Bench> {
    const [balancer] = network.plan.balancers;
    assert.ok(balancer !== undefined);
    const partner = network.at('partner-a');
    partner.network(CALLERS.map((address) => `addr add ${address}/24 dev eth0`));
    loadBalancer(network, balancer);
    const bench = new Bench(stage, network, balancer);
    for (const { host } of [...balancer.targets, balancer]) {
      // Ahead of every rule of ours, whichever tool it was loaded with.
      network.at(host).run('nft', ['-f', '-'], WATCH_REDIRECTS);
    }
    for (const { host } of balancer.targets) await bench.#startProxy(host);
    const partnerServer = { name: 'partner', host: PARTNER.address, port: PARTNER.port };
    await bench.#startStandIn('partner-a', partnerServer);
    return bench;
  }

  /** One connection from each address to what partners dial. */
  call(from: readonly string[]): readonly Called[] {
    const { address: host, port } = this.#balancer.listen;
    const calls: Calls = { host, port, from };
    const said = this.#network
      .at('partner-a')
      .run(process.execPath, [here('call-from-each.ts')], JSON.stringify(calls));
    return JSON.parse(said);
  }

  callAll(): readonly Called[] {
    return this.call(CALLERS);
  }

  /** Who has greeted callers, each once. */
  reached(calls: readonly Called[]): readonly string[] {
    return [...new Set(calls.map(({ greeting }) => greeting?.proxy ?? 'nobody'))].toSorted();
  }

  /** A connection of each proxy to the partner, which stands. */
  async proxiesCallOut(): Promise<readonly Program[]> {
    return await Promise.all(
      this.#balancer.targets.map(({ host, address }) =>
        this.#hold(host, { host: PARTNER.address, port: PARTNER.port, localAddress: address }),
      ),
    );
  }

  /** Waits until the kernel would have sent proxies past the balancer, and asserts that no such message arrived. */
  async redirectsAreWithheld(outward: readonly Program[]): Promise<void> {
    await until('messages that lead past the balancer', ROTATION_MS, async () => {
      for (const program of outward) await answersOn(program);
      return this.#seen(this.#balancer.host, 'output') > 0 || undefined;
    });
    for (const { host } of this.#balancer.targets) assert.equal(this.#seen(host, 'prerouting'), 0);
  }

  /** Proxies go out of rotation and return; connections that stand do not notice. */
  async rotates(): Promise<void> {
    const rotation = await startRotation(this.#stage, this.#network, this.#balancer);
    assert.deepEqual(this.reached(this.callAll()), ['edge-a', 'edge-b']);
    const held = await this.#holdWith('edge-a');

    writeFileSync(this.#unfitFile('edge-a'), '');
    await this.#rotatesTo(['edge-b']);
    await answersOn(held);
    // Rules that somebody loads again by hand do not bring it back.
    loadBalancer(this.#network, this.#balancer);
    await this.#rotatesTo(['edge-b']);
    rmSync(this.#unfitFile('edge-a'));
    await this.#rotatesTo(['edge-a', 'edge-b']);
    await answersOn(held);

    await this.#proxies.get('edge-b')?.kill();
    await this.#rotatesTo(['edge-a']);
    await this.#startProxy('edge-b');
    await this.#rotatesTo(['edge-a', 'edge-b']);

    // A host that is gone answers nothing at all.
    this.#network.at('edge-b').network(['link set eth0 down']);
    await this.#rotatesTo(['edge-a']);
    await answersOn(held);
    writeFileSync(this.#unfitFile('edge-a'), '');
    await until(
      'all to share, for none is fit',
      ROTATION_MS,
      () => rotation.log.includes('none is fit') || undefined,
    );
    assert.ok(this.reached(this.callAll()).includes('edge-a'));
    assert.equal(held.exitCode, undefined);
  }

  #seen(host: string, hook: 'output' | 'prerouting'): number {
    return countedBy(this.#network.at(host), 'inet watch', hook);
  }

  async #rotatesTo(expected: readonly string[]): Promise<void> {
    await until(
      `new connections to go to ${expected.join(' and ')} alone`,
      ROTATION_MS,
      () => this.reached(this.callAll()).join() === expected.join() || undefined,
    );
  }

  /** A caller's connection with this proxy, which stands. */
  async #holdWith(proxy: string): Promise<Program> {
    const there = this.callAll().find(({ greeting }) => greeting?.proxy === proxy);
    assert.ok(there !== undefined);
    const { address: host, port } = this.#balancer.listen;
    const held = await this.#hold('partner-a', { host, port, localAddress: there.from });
    assert.match(held.log, new RegExp(`"proxy":"${proxy}"`));
    return held;
  }

  async #hold(from: string, held: HeldConnection): Promise<Program> {
    const args = [here('hold-connection.ts'), JSON.stringify(held)];
    return await this.#stage.start(
      { name: `held-from-${from}`, ...this.#network.at(from).command(process.execPath, args) },
      ({ log }) => log.includes('"proxy"'),
    );
  }

  async #startProxy(host: string): Promise<void> {
    const target = this.#balancer.targets.find((each) => each.host === host);
    assert.ok(target?.health !== undefined, 'the plan says where its health is asked');
    const { address, port, health } = target;
    const program = await this.#startStandIn(host, { name: host, host: address, port, health });
    this.#proxies.set(host, program);
  }

  async #startStandIn(host: string, what: Omit<ProxyStandIn, 'unfitFile'>): Promise<Program> {
    const wishes: ProxyStandIn = { ...what, unfitFile: this.#unfitFile(host) };
    const args = [here('proxy-stand-in.ts'), JSON.stringify(wishes)];
    return await this.#stage.start(
      {
        name: `stand-in-${what.name}-${this.#proxies.size}`,
        ...this.#network.at(host).command(process.execPath, args),
      },
      ({ log }) => log.includes('ready'),
    );
  }

  #unfitFile(host: string): string {
    return join(this.#stage.folder, `${host}-is-unfit`);
  }
}

/** Waits for answers that are newer than now: the connection is alive. */
async function answersOn(program: Program): Promise<void> {
  const { length } = program.log;
  await until('a standing connection to answer', ROTATION_MS, () => {
    assert.equal(program.exitCode, undefined, program.name);
    return program.log.length > length + 100 || undefined;
  });
}
