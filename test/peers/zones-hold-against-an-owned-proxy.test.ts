import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nftablesHost } from '@sallyport/app-gateway/plan/render/nftables-host.ts';
import { PROTOCOL_VERSIONS } from '@sallyport/shared/channel/hello.ts';
import { needs } from './support/available.ts';
import { needsPostgres } from './support/postgres-server.ts';
import type { Program } from './support/program.ts';
import type { Stage } from './support/stage.ts';
import { until } from './support/wait.ts';
import { ATTACKS, FORGED_RUNS, FORGED_SENDERS } from './zones/attacks.ts';
import { outsideInSite, workingSite } from './zones/example-sites.ts';
import type { FalseGateway } from './zones/false-gateway.ts';
import { isLimited } from './zones/flood-of-lines.ts';
import { knocksEverywhere } from './zones/knocking.ts';
import { needsZones } from './zones/needs-zones.ts';
import type { Attacked, OwnedProxy } from './zones/owned-proxy.ts';
import { residentMiB } from './zones/resident-memory.ts';
import type { ZoneNetwork } from './zones/zone-network.ts';
import { inZones, planOfSite, type Talk, ZonePair } from './zones/zone-pair.ts';
import { sallyport } from './zones/zone-site.ts';

const { skip } = needsPostgres();
const options = skip === false ? needsZones() : { skip };
needs('kamailio', 'haproxy');

const [HOST, NODE, WORKERS] = ['edge-a', 'edge-1', 2];
const GATEWAYS = ['gateway-1', 'gateway-2'];
const READY_MS = 30_000;
const ATTACKS_MS = 180_000;
/** What all attacks together may leave in a gateway's memory. */
const GROWN_MIB_MAX = 768;

interface Place {
  readonly host: string;
  readonly port: number;
}

/** What the attacker’s part needs of a site file. */
interface ChannelSite {
  readonly name: string;
  readonly channel?: { readonly dial: string };
  readonly proxies: readonly { readonly node: string; readonly channel?: Place }[];
  readonly gateways: readonly { readonly channel?: Place }[];
}

/** One record of the ledger, as `audit search --json` has it. */
interface Found {
  readonly type: string;
  readonly node: string;
  readonly epoch: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

for (const [name, siteOf, open] of [
  ['dual-dmz', workingSite, []],
  ['dual-dmz with proxies that dial', outsideInSite, ['app-a:7443', 'app-b:7443']],
] as const) {
  test(
    `${name}: who owns a proxy’s host gets nowhere, all that he tries is on record, and the other proxy goes on`,
    options,
    inZones(
      () => planOfSite(siteOf()),
      async (stage, network) => {
        const pair = await ZonePair.start(stage, network, siteOf());
        const scene = await Scene.open(stage, network, pair, siteOf() as ChannelSite);
        knocksEverywhere(network, HOST, open);
        await scene.poses();
        await scene.attacks();
        await scene.isProven();
        await scene.isShutOut();
        scene.otherWentOn();
      },
    ),
  );
}

/** The host of one proxy in the hands of an attacker, and everything else at work. */
class Scene {
  readonly #stage: Stage;
  readonly #network: ZoneNetwork;
  readonly #pair: ZonePair;
  readonly #site: ChannelSite;
  readonly #talk: Talk;
  /** Messages that were answered before it began. */
  readonly #before: number;
  #attacker: Program | undefined;

  private constructor(
    stage: Stage,
    network: ZoneNetwork,
    pair: ZonePair,
    site: ChannelSite,
    talk: Talk,
  ) {
    this.#stage = stage;
    this.#network = network;
    this.#pair = pair;
    this.#site = site;
    this.#talk = talk;
    this.#before = talk.said.length;
  }

  static async open(
    stage: Stage,
    network: ZoneNetwork,
    pair: ZonePair,
    site: ChannelSite,
  ): Promise<Scene> {
    await pair.nodes.get(NODE)?.kill();
    network.at(HOST).run('nft', ['flush', 'ruleset']);
    // To whom the balancer gave the lost proxy, before it noticed, is not the question here.
    const talk = await pair.partnerWrites('partner-a', 1_000_000, { pauseMs: 20 });
    await until('the other proxy to carry the partner’s messages', READY_MS, () => {
      const last = talk.said.slice(-50);
      return (last.length === 50 && last.every(({ status }) => status === 200)) || undefined;
    });
    return new Scene(stage, network, pair, site, talk);
  }

  /** Dials the other proxy as a gateway would; its host’s rules are open for this once, so that the certificate decides. */
  async poses(): Promise<void> {
    const other = this.#network.plan.hosts.find(({ nodes }) => nodes.includes('edge-2'));
    const channel = this.#channelOf('edge-2');
    if (channel === undefined || other === undefined) return;
    const space = this.#network.at(other.name);
    const [, address = ''] =
      this.#network.plan.hosts.find(({ name }) => name === HOST)?.addresses ?? [];
    const rule = `ip saddr ${address} tcp dport ${channel.port} accept`;
    space.run('nft', ['insert', 'rule', 'inet', 'sallyport_host', 'input', ...rule.split(' ')]);
    const hello = JSON.stringify({ ...this.#hello, role: 'gateway', node: 'gateway-1' });
    const program = join(import.meta.dirname, 'zones', 'false-gateway.ts');
    const said = this.#network
      .at(HOST)
      .run(process.execPath, [program, this.#bundle, channel.host, `${channel.port}`, hello]);
    space.run('nft', ['-f', '-'], nftablesHost(this.#network.plan, other));
    const { isShaken, heard } = JSON.parse(said) as FalseGateway;
    assert.equal(isShaken, true, 'it was the certificate that was refused, not the connection');
    assert.equal(heard, 0);
    const log = () => this.#pair.nodes.get('edge-2')?.log ?? '';
    await until(
      'the other proxy to say so',
      READY_MS,
      () => /channel-role-wrong/.test(log()) || undefined,
    );
  }

  /** Everything that can be said on a channel with a proxy’s keys. */
  async attacks(): Promise<void> {
    const before = GATEWAYS.map((node) => this.#memoryOf(node));
    const own = this.#channelOf(NODE);
    const wishes: OwnedProxy = {
      bundle: this.#bundle,
      own: this.#hello,
      listen:
        own === undefined
          ? []
          : Array.from({ length: WORKERS }, (_, worker) => ({ ...own, port: own.port + worker })),
      dial: this.#site.gateways.flatMap(({ channel }) => channel ?? []),
    };
    const program = join(import.meta.dirname, 'zones', 'owned-proxy.ts');
    this.#attacker = await this.#stage.start(
      {
        name: 'owned-proxy',
        ...this.#network.at(HOST).command(process.execPath, [program, JSON.stringify(wishes)]),
      },
      ({ log }) => log.includes('ready'),
    );
    await until(
      'him to be through',
      ATTACKS_MS,
      () => this.#attacker?.log.includes('through') || undefined,
    );
    const came: readonly Attacked[] = this.#attacker.log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Attacked);
    const wrong = ATTACKS.filter(
      ({ name, code }) =>
        came.find((each) => each.name === name)?.outcome !== (code === 'none' ? 'open' : 'closed'),
    );
    assert.deepEqual(
      wrong.map(({ name }) => name),
      [],
    );
    assert.equal(
      came.find(({ name }) => name === FORGED_SENDERS.name)?.heard.match(/SIP\/2\.0 403 /g)?.length,
      4,
    );
    const grown = GATEWAYS.map((node, at) => this.#memoryOf(node) - (before[at] ?? 0));
    console.log(`${ATTACKS.length} attacks; the gateways have grown by ${grown.join(' and ')} MiB`);
    for (const each of grown) assert.ok(each < GROWN_MIB_MAX, `${each} MiB`);
    for (const node of GATEWAYS) {
      const gateway = this.#pair.nodes.get(node);
      assert.equal(gateway?.exitCode, undefined, `${node} is up`);
      const lines = (gateway?.log ?? '').split('\n');
      isLimited(lines.filter((line) => line.includes('"flooded"')));
      assert.equal(
        lines.some((line) => line.includes('steered') || line.includes('\u001b')),
        false,
      );
    }
    assert.ok(GATEWAYS.some((node) => this.#pair.nodes.get(node)?.log.includes('"flooded"')));
    await this.#isRecorded();
  }

  async #isRecorded(): Promise<void> {
    // What was closed last may still be on its way to the ledger.
    let lacking: readonly string[] = ['everything'];
    await until('all of it to be on record', READY_MS, async () => {
      const closed = await this.#search('--type', 'channel-closed', '--limit', '1000');
      const own = closed.filter(({ fields }) => fields['peerNode'] === NODE);
      lacking = lackingAmong(own.map(({ fields }) => String(fields['code'])));
      return lacking.length === 0 || undefined;
    }).catch(() => assert.deepEqual(lacking, []));
    const refused = await this.#search('--type', 'policy-decision');
    assert.ok(
      refused.filter(({ fields }) => String(fields['callId']).startsWith('forged-')).length >= 4,
    );
    for (const epoch of Object.values(FORGED_RUNS)) {
      const kept = await this.#search('--node', NODE, '--limit', '1000');
      assert.ok(
        kept.some((each) => each.epoch === hexOf(epoch)),
        'his lies are kept, under his name',
      );
    }
    const logs = GATEWAYS.map((node) => this.#pair.nodes.get(node)?.log ?? '').join('\n');
    for (const event of [
      'audit-malformed',
      'audit-chain-broken',
      'audit-blob-unreadable',
      'channel-certificate-refused',
    ]) {
      // Of him, and not of the gateway that says it.
      assert.match(logs, new RegExp(`"event":"${event}".*"(?:proxy|of)":"${NODE}"`));
    }
  }

  /** The ledger stands; what is wrong with it is his, and named. */
  async isProven(): Promise<void> {
    const text = await this.#verdict();
    const lines = text.split('\n');
    assert.match(text, /^these records give the signed root of \d+/m);
    const faults = lines.filter((line) => line.startsWith('FAULT'));
    assert.deepEqual(
      faults.filter((line) => !line.includes(` ${NODE}/`)),
      [],
    );
    for (const [run, fault] of [
      [FORGED_RUNS.unopened, 'stream-start-missing'],
      [FORGED_RUNS.unopened, 'seal-signature-wrong'],
      [FORGED_RUNS.ofAnother, 'stream-misattributed'],
    ] as const) {
      const isNamed = faults.some((line) => line.includes(fault) && line.includes(hexOf(run)));
      assert.ok(isNamed, `${fault} of ${hexOf(run)}`);
    }
    const unsealed = `/${hexOf(FORGED_RUNS.rewritten)}: 4 records under 0 seals`;
    assert.ok(text.includes(unsealed), 'what he rewrote is what he had said before');
  }

  /** The way out: no gateway speaks with him any more, whatever he shows. */
  async isShutOut(): Promise<void> {
    const folder = this.#stage.subfolder('desk');
    const passphrase = join(folder, 'ann.pass');
    writeFileSync(passphrase, 'a long passphrase of ann\n');
    const key = join(folder, 'ann.key');
    await this.#ask(
      'operator',
      'add',
      'ann',
      '--role',
      'officer',
      '--new-key',
      key,
      '--new-passphrase-file',
      passphrase,
    );
    const logs = () => GATEWAYS.map((node) => this.#pair.nodes.get(node)?.log ?? '');
    await until(
      'him to have a channel at each gateway',
      READY_MS,
      () => logs().every(hasChannelOf) || undefined,
    );
    await this.#ask(
      'node',
      'revoke',
      NODE,
      '--reason',
      'its host is not ours any more',
      '--operator-key',
      key,
      '--passphrase-file',
      passphrase,
    );
    const wanted = ['node-revoked', 'channel-node-revoked'];
    await until(
      'every gateway to shut him out',
      READY_MS,
      () =>
        logs().every((log) => wanted.every((reason) => log.includes(`"reason":"${reason}"`))) ||
        undefined,
    );
    const isUp = await this.#search('--type', 'channel-closed', '--verdict', 'node-revoked');
    assert.ok(isUp.length >= GATEWAYS.length, 'and it is on record');
    const count = this.#talk.said.length;
    await until(
      'the other proxy to go on',
      READY_MS,
      () => this.#talk.said.length > count + 100 || undefined,
    );
  }

  /** All the time. */
  otherWentOn(): void {
    const said = this.#talk.said.slice(this.#before);
    console.log(`${said.length} messages through the other proxy meanwhile`);
    assert.ok(said.length > 500);
    assert.deepEqual(
      said.filter(({ status }) => status !== 200),
      [],
    );
  }

  get #bundle(): string {
    return join(this.#pair.site.folder, 'hosts', NODE);
  }

  /** Where a proxy’s first worker is dialled; undefined: it dials. */
  #channelOf(node: string): Place | undefined {
    return this.#site.proxies.find((proxy) => proxy.node === node)?.channel;
  }

  get #hello() {
    return {
      protocolVersions: PROTOCOL_VERSIONS,
      role: 'proxy',
      site: this.#site.name,
      node: NODE,
      worker: 0,
      workers: WORKERS,
      creditBytes: 4_194_304,
      flowCreditBytes: 2_097_152,
    } as const;
  }

  #memoryOf(node: string): number {
    return residentMiB(join(this.#pair.site.folder, 'hosts', node));
  }

  /** Of a ledger with his lies in it the verifier ends with 1. */
  async #verdict(): Promise<string> {
    try {
      return await this.#ask('audit', 'verify', '--live');
    } catch (fault) {
      const { stdout, stderr } = fault as { readonly stdout: string; readonly stderr: string };
      return `${stdout}${stderr}`;
    }
  }

  #ask(...words: readonly string[]): Promise<string> {
    return sallyport(...words, '--bundle', join(this.#pair.site.folder, 'hosts', 'gateway-1'));
  }

  async #search(...words: readonly string[]): Promise<readonly Found[]> {
    const text = await this.#ask('audit', 'search', '--json', ...words);
    const { answer } = JSON.parse(text) as { answer: { entries: readonly Found[] } };
    return answer.entries;
  }
}

/** Whether the newest word of a gateway’s log on the lost proxy’s channels is that there is one. */
function hasChannelOf(log: string): boolean {
  const lines = log.split('\n').filter((line) => /channel-(?:ready|closed)".*"edge-1/.test(line));
  return lines.at(-1)?.includes('channel-ready') ?? false;
}

function hexOf(epoch: bigint): string {
  return epoch.toString(16).padStart(16, '0');
}

/** Attacks that are not on record, once for each who did it. */
function lackingAmong(codes: readonly string[]): readonly string[] {
  const ended = ATTACKS.filter(({ code }) => code !== 'none');
  return [...Map.groupBy(ended, ({ code }) => code)].flatMap(([code, attacks]) => {
    const times = codes.filter((each) => code.split('|').includes(each)).length;
    const names = attacks.map(({ name }) => name).join(', ');
    return times >= attacks.length
      ? []
      : [`${code} ${times} times, not ${attacks.length}: ${names}`];
  });
}
