import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SiteFile } from '@sallyport/app-gateway/config/site-schema.ts';
import type { PlanBalancer } from '@sallyport/app-gateway/plan/network-plan.ts';
import { haproxyConfig } from '@sallyport/app-gateway/plan/render/haproxy.ts';
import { nftablesHost } from '@sallyport/app-gateway/plan/render/nftables-host.ts';
import type { SiteDraft } from '../app-gateway/plan/site-on-a-network.ts';
import { pathOf } from './support/available.ts';
import { needsPostgres } from './support/postgres-server.ts';
import type { Program } from './support/program.ts';
import type { Stage } from './support/stage.ts';
import { until } from './support/wait.ts';
import { packetBalancerSite, workingSite } from './zones/example-sites.ts';
import { needsZones } from './zones/needs-zones.ts';
import { loadBalancer, startRotation } from './zones/packet-balancer.ts';
import type { ZoneNetwork } from './zones/zone-network.ts';
import { inZones, planOfSite, type Talk, ZonePair } from './zones/zone-pair.ts';
import { siteFileOf } from './zones/zone-site.ts';

const { skip } = needsPostgres();
const options = skip === false ? needsZones('kamailio', 'haproxy', 'keepalived') : { skip };

/** What the page tells operators to do is what is done here. */
const PAGE = readFileSync(join(import.meta.dirname, '../../docs/deploy/README.md'), 'utf8');
const [FIRST, SECOND, MOVING] = ['192.0.2.6', '192.0.2.7', '192.0.2.5'];
const TWIN = 'balancer-2';
const UP_MS = 30_000;
/** Three adverts of a second each, the partner's own three seconds for an answer, and a busy machine. */
const OTHER_BALANCER_MS = 12_000;
/** Three adverts of a second each, and what a lower priority adds. */
const UNHEARD_MS = 5000;
const ENDLESS = { pauseMs: 20 } as const;
const MANY = 100_000;

/** Two hosts in one entry, as the page writes it. */
function twoBalancers(site: SiteDraft): SiteDraft {
  const told = /addresses: \[(.*)\]/.exec(written('kind: haproxy'))?.[1]?.split(', ');
  assert.deepEqual(told, [FIRST, SECOND, MOVING]);
  site.network.balancers[0].addresses = told;
  for (const { listen } of site.proxies) {
    if (listen[0].proxyProtocolFrom?.length > 0) listen[0].proxyProtocolFrom = told;
  }
  return site;
}

/** The one block of the page that has these words. */
function written(words: string): string {
  const blocks = PAGE.split(/^ *```.*$/m).filter((_, at) => at % 2 === 1);
  const found = blocks.filter((block) => block.includes(words));
  assert.equal(found.length, 1, `one block with ${words}`);
  return (found[0] ?? '').replace(/^ {3}/gm, '');
}

for (const [name, siteOf] of [
  ['HAProxy', () => twoBalancers(workingSite())],
  ['packet rules', () => twoBalancers(packetBalancerSite())],
] as const) {
  test(
    `${name}: a balancer's host dies, its address moves, and partners go on through the other`,
    options,
    inZones(
      () => planOfSite(siteOf()),
      async (stage, network) => {
        const [balancer] = network.plan.balancers;
        assert.ok(balancer !== undefined);
        const pair = await ZonePair.start(stage, network, siteOf());
        const hosts = new TwoHosts(pair, balancer, siteFileOf(siteOf()));
        await hosts.start(pair.program(balancer.host));
        const talk = await pair.partnerWrites('partner-a', MANY, ENDLESS);
        const startedAt = Date.now();
        await until(
          'it to talk for longer than a host that is not heard is waited for',
          UP_MS,
          () => (talk.said.at(-1)?.at ?? 0) > startedAt + UNHEARD_MS || undefined,
        );
        assert.equal(hosts.holder, FIRST, 'the second hears the first');

        const diedAt = Date.now();
        await hosts.kill(0);
        await goesOn(talk, diedAt);
        assert.equal(hosts.holder, SECOND);
        if (balancer.kind === 'haproxy') {
          // The program alone ends, on a host that lives: the address goes back.
          await hosts.revive(0);
          const endedAt = Date.now();
          await hosts.endSharing(1);
          await goesOn(talk, endedAt);
          assert.equal(hosts.holder, FIRST);
        }
        const answers = (await (await pair.partnerWrites('partner-b', 5)).statuses()).filter(
          (status) => status === 200,
        );
        assert.equal(answers.length, 5, 'a new partner is answered, from its own address');
      },
    ),
  );
}

async function goesOn(talk: Talk, sinceMs: number): Promise<void> {
  const good = () => talk.said.filter(({ status }) => status === 200);
  const lastBefore = () => good().findLast(({ at }) => at < sinceMs)?.at ?? 0;
  // The last messages before may still have been answered.
  await until(
    'it to go on',
    UP_MS,
    () => good().filter(({ at }) => at > sinceMs + 1000).length > 20 || undefined,
  );
  const times = good()
    .map(({ at }) => at)
    .filter((at) => at >= lastBefore());
  const longest = Math.max(...times.slice(1).map((at, before) => at - (times[before] ?? at)));
  console.log(`the partner was without answers for ${longest} ms`);
  assert.ok(longest < OTHER_BALANCER_MS, `${longest} ms`);
}

/** The host of the plan's balancer and a second one like it, of which one has the address. */
class TwoHosts {
  readonly #stage: Stage;
  readonly #network: ZoneNetwork;
  readonly #balancer: PlanBalancer;
  readonly #limits: { readonly connectionsMax: number };
  readonly #hosts: readonly { readonly name: string; readonly own: string }[];
  readonly #programs = new Map<string, readonly Program[]>();
  /** What a host's own settings would bring back with it. */
  readonly #routes = new Map<string, string>();
  #starts = 0;

  constructor(pair: ZonePair, balancer: PlanBalancer, { limits }: SiteFile) {
    this.#stage = pair.stage;
    this.#network = pair.network;
    this.#balancer = balancer;
    this.#limits = limits;
    this.#hosts = [
      { name: balancer.host, own: FIRST },
      { name: TWIN, own: SECOND },
    ];
  }

  /** Both as the page says: the first one gets the address. */
  async start(already: Program): Promise<void> {
    const { plan } = this.#network;
    const first = this.#network.at(this.#balancer.host);
    const second = this.#network.twinOf(this.#balancer.host, TWIN, [SECOND]);
    for (const gone of [SECOND, MOVING]) first.network([`addr del ${gone}/24 dev eth0`]);
    const host = plan.hosts.find(({ name }) => name === this.#balancer.host);
    assert.ok(host !== undefined);
    second.run('nft', ['-f', '-'], nftablesHost(plan, host));
    for (const space of [first, second]) {
      const setting = /net\.ipv4\.ip_nonlocal_bind=1/.exec(PAGE)?.[0].split('=') ?? [];
      space.system({ [setting[0] ?? '']: setting[1] ?? '' });
    }
    await already.kill();
    await this.revive(0);
    await until('the first to have the address', UP_MS, () => this.holder === FIRST || undefined);
    await this.revive(1);
  }

  /** Own address of the one host that has the moving one. */
  get holder(): string | undefined {
    const having = this.#hosts.filter(({ name }) =>
      this.#network
        .at(name)
        .run('ip', ['-4', 'addr', 'show', 'dev', 'eth0', 'up'])
        .includes(`${MOVING}/`),
    );
    assert.ok(having.length < 2, 'both have the address');
    return having[0]?.own;
  }

  /** It is gone from the network, with all that ran on it. */
  async kill(at: 0 | 1): Promise<void> {
    const space = this.#network.at(this.#name(at));
    this.#routes.set(this.#name(at), space.run('ip', ['route', 'show', 'default']).trim());
    space.network(['link set eth0 down']);
    for (const program of this.#programs.get(this.#name(at)) ?? []) await program.kill();
  }

  /** What shares connections there ends, and nothing else. */
  async endSharing(at: 0 | 1): Promise<void> {
    await this.#programs.get(this.#name(at))?.[0]?.kill();
    rmSync(this.#runsFile(this.#name(at)));
  }

  /** It is there again, with all that runs on it. */
  async revive(at: 0 | 1): Promise<void> {
    const name = this.#name(at);
    const space = this.#network.at(name);
    const route = this.#routes.get(name);
    space.network(['link set eth0 up', ...(route === undefined ? [] : [`route replace ${route}`])]);
    this.#starts += 1;
    const sharing = await this.#share(name);
    writeFileSync(this.#runsFile(name), '');
    const file = join(this.#stage.folder, `${name}-keepalived.conf`);
    writeFileSync(file, this.#keepalived(at));
    const state = ['pid', 'vrrp'].map((each) => join(this.#stage.folder, `${name}.${each}`));
    const files = ['-p', state[0] ?? '', '-r', state[1] ?? ''];
    const keeping = await this.#stage.start(
      {
        name: `keepalived-${name}-${this.#starts}`,
        ...space.command(pathOf('keepalived') ?? '', [
          '-n',
          '-l',
          '-D',
          '-P',
          ...files,
          '-f',
          file,
        ]),
      },
      ({ log }) => /Entering (?:BACKUP|MASTER) STATE/.test(log),
    );
    this.#programs.set(name, [sharing, keeping]);
  }

  /** The page's, for either host: what it asks of systemd is asked of a file here. */
  #keepalived(at: 0 | 1): string {
    const text = written('vrrp_script')
      .replace(/"\/usr\/bin\/systemctl.*"/, `"/usr/bin/test -e ${this.#runsFile(this.#name(at))}"`)
      .replace('user nobody', 'user root');
    if (at === 0) return text;
    return text
      .replace(/priority 100/, 'priority 90')
      .replace(/192\.0\.2\.[67]/g, (own) => (own === FIRST ? SECOND : FIRST));
  }

  async #share(name: string): Promise<Program> {
    const space = this.#network.at(name);
    if (this.#balancer.kind === 'nftables') {
      loadBalancer(this.#network, this.#balancer, name);
      return await startRotation(this.#stage, this.#network, this.#balancer, name);
    }
    const file = join(this.#stage.folder, `${name}-haproxy.cfg`);
    const { connectionsMax } = this.#limits;
    writeFileSync(file, haproxyConfig(this.#network.plan, this.#balancer, connectionsMax));
    return await this.#stage.start(
      {
        name: `haproxy-${name}-${this.#starts}`,
        ...space.command(pathOf('haproxy') ?? '', ['-db', '-f', file]),
      },
      () => space.run('ss', ['-Htln']).includes(`${MOVING}:${this.#balancer.listen.port}`),
    );
  }

  #name(at: 0 | 1): string {
    return this.#hosts[at]?.name ?? '';
  }

  #runsFile(name: string): string {
    return join(this.#stage.folder, `${name}-shares`);
  }
}
