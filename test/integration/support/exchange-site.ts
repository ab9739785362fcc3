import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { STATE_FOLDER } from '@sallyport/app-gateway/adapters/database/open-state-store.ts';
import { answerRequest } from '@sallyport/certs/answer-request.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { layEmptyDatabase } from '../../empty-database.ts';
import { environment } from '../../peers/support/environment.ts';
import { freePort } from '../../peers/support/free-port.ts';
import { until } from '../../peers/support/wait.ts';
import { clockAhead } from './clock-ahead.ts';
import { untilHealth } from './pair.ts';
import type { Line } from './pair-line.ts';
import { type LogLine, PairProcess } from './pair-process.ts';
import { SipServer } from './pair-server.ts';

const MAIN = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
const HOST = '127.0.0.1';
const { NODE_COMPILE_CACHE: CACHE } = environment;
/** Commands are many, and short: they find their code compiled where the tests do. */
const COMPILED = CACHE === undefined ? {} : { NODE_COMPILE_CACHE: CACHE };
const READY_MS = 30_000;
const SEEN_MS = 15_000;

/** A set of a partner's keys, as `partner show --json` has it. */
export interface ShownSet {
  readonly id: string;
  readonly state: string;
  readonly lastUse?: { readonly spki: string; readonly lastAtMs: number };
}

/** `partner show --json`. */
export interface ShownPartner {
  readonly state: string;
  readonly severed?: { readonly reason: string; readonly operator: string };
  readonly accepts: readonly ShownSet[];
  readonly presents: { readonly now: string; readonly keys: readonly ShownKey[] };
  readonly connections: readonly { readonly trustSet: string; readonly ownKey: string }[];
}

interface ShownKey {
  readonly key: string;
  readonly state: string;
}

interface MadeKey {
  readonly key: string;
  readonly keys: readonly { readonly id: string; readonly spki: string }[];
}

interface NextKey {
  readonly key: string;
  readonly spki: string;
}

interface Refused {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

/**
 * A company with a Sallyport of its own: proxy, gateway with a database in it, an inner server, two operators;
 * everything done by the command line, as its people would.
 */
export class ExchangeSite {
  readonly name: string;
  readonly domain: string;
  readonly folder: string;
  readonly publicPort: number;
  readonly proxy: PairProcess;
  readonly inner: SipServer;
  #gateway: PairProcess;
  readonly #gatewayHealth: number;
  /** Options of Node.js for the gateway and for commands, once the site has a time of its own. */
  #nodeOptions: readonly string[] = [];

  private constructor(
    name: string,
    folder: string,
    ports: Ports,
    inner: SipServer,
    programs: readonly [PairProcess, PairProcess],
  ) {
    this.name = name;
    this.domain = `${name}.example`;
    this.folder = folder;
    this.publicPort = ports.public;
    this.inner = inner;
    [this.proxy, this.#gateway] = programs;
    this.#gatewayHealth = ports.health[1];
  }

  /** Makes the site, starts both programs, and adds ann (officer) and bob (operator). */
  static async open(name: string): Promise<ExchangeSite> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), `sallyport-${name}-`)));
    const domain = `${name}.example`;
    const init = ['init', 'site', '--layout', 'dual-dmz', '--site', name, '--domain', domain];
    await doneIn(folder, init);
    const authority = {
      certificatePem: readFileSync(join(folder, 'site/ca/community-ca.crt'), 'utf8'),
      privateKeyPem: readFileSync(join(folder, 'site/ca/community-ca.key'), 'utf8'),
    };
    const serverName = `chat.${name}.internal`;
    const identity = await issueLeaf(authority, {
      commonName: serverName,
      dnsNames: [serverName],
      usages: ['serverAuth', 'clientAuth'],
      ...validForDays(Date.now(), 30),
    });
    const inner = await SipServer.listen(identity, authority.certificatePem);
    const port = () => freePort(HOST);
    const ports = {
      public: await port(),
      channel: await freePort(HOST, 1),
      inner: await port(),
      health: [await port(), await port()] as const,
    };
    const site = siteFile(name, ports, { port: inner.port, serverName });
    writeFileSync(join(folder, 'site/site.yaml'), JSON.stringify(site));
    rmSync(join(folder, 'site/partners'), { recursive: true });
    mkdirSync(join(folder, 'site/partners'));
    await doneIn(folder, ['bundle', 'site']);
    const gateway = join(folder, 'site/hosts/gateway-1');
    await layEmptyDatabase(join(gateway, STATE_FOLDER, 'data'));
    const programs = [
      new PairProcess('dmz-proxy', join(folder, 'site/hosts/edge-1')),
      new PairProcess('app-gateway', gateway),
    ] as const;
    await untilHealth(ports.health[1], (facts) => facts.channels === 1, READY_MS);
    const opened = new ExchangeSite(name, folder, ports, inner, programs);
    await opened.#addOperators();
    return opened;
  }

  get gateway(): PairProcess {
    return this.#gateway;
  }

  /** Gives a command and wants it done; what it answers with `--json`. */
  async done<T = unknown>(...words: string[]): Promise<T> {
    const text = await doneIn(this.folder, [...words, '--json'], this.#bundle, this.#nodeOptions);
    return (JSON.parse(text) as { answer: T }).answer;
  }

  /** Gives a command whose answer is bad news. */
  async badNews<T = unknown>(...words: string[]): Promise<T> {
    return (await this.#failed<{ answer: T }>(1, words)).answer;
  }

  /** Gives a command and wants it refused. */
  async refused(...words: string[]): Promise<Refused> {
    return (await this.#failed<{ error: Refused }>(1, words)).error;
  }

  /** Types what is no command; what the answer says is wrong with it. */
  async notUnderstood(...words: string[]): Promise<string> {
    return (await this.#failed<{ error: Refused }>(2, words)).error.message;
  }

  /**
   * Changes `site.yaml`, as its people would while the site is running: bundles anew, and a signal to the gateway;
   * resolves when the proxy works by it, too.
   */
  async changeSite(change: (file: Record<string, unknown>) => object): Promise<void> {
    const path = join(this.folder, 'site/site.yaml');
    const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify(change(file)));
    await doneIn(this.folder, ['bundle', 'site']);
    const since = this.#gateway.lines.length;
    this.#gateway.child.kill('SIGHUP');
    const { snapshot } = await this.#gateway.line('reloaded', undefined, since);
    const isNew = ({ version }: LogLine) => Number(version) >= Number(snapshot);
    await this.#gateway.line('snapshot-accepted', isNew, since);
  }

  /** Starts the gateway anew in a time to come, in which commands are given from now on. */
  async travel(aheadMs: number): Promise<void> {
    await this.#gateway.stop();
    this.#nodeOptions = clockAhead(aheadMs);
    const bundle = join(this.folder, 'site/hosts/gateway-1');
    this.#gateway = new PairProcess('app-gateway', bundle, this.#nodeOptions);
    await untilHealth(this.#gatewayHealth, (facts) => facts.channels === 1, READY_MS);
  }

  /** Options that make a command that of ann, or of bob. */
  as(operator: 'ann' | 'bob'): string[] {
    return ['--operator-key', `${operator}.key`, '--passphrase-file', `${operator}.pass`];
  }

  /** Says who the other company is. */
  async addPartner(other: ExchangeSite): Promise<void> {
    const settings = {
      domains: [other.domain],
      methods: ['MESSAGE', 'OPTIONS'],
      endpoints: [{ host: HOST, port: other.publicPort }],
      connectionsMax: 100,
      messagesPerSecond: 5000,
      messagesBurst: 5000,
    };
    writeFileSync(join(this.folder, `${other.name}.yaml`), JSON.stringify(settings));
    const from = ['--settings', `${other.name}.yaml`];
    await this.done('partner', 'add', other.name, ...from, ...this.as('bob'));
  }

  /**
   * Takes the other company's newest keys: its offer by file, its fingerprint by telephone to two people, then
   * accepted beside what there was. Gives the id of the new set.
   */
  async takeKeysOf(other: ExchangeSite): Promise<string> {
    const offered = await other.done<{ words: string; files: readonly { name: string }[] }>(
      ...['partner', 'offer', this.name, '--out', '.', ...other.as('bob')],
    );
    const file = join(other.folder, offered.files[0]?.name ?? '');
    const received = await this.done<{
      set: { id: string };
      difference: { endpoints: { added: readonly string[] } };
    }>(...['partner', 'receive', other.name, file, ...this.as('bob')]);
    const named = [`sip.${other.domain}:${other.publicPort}`];
    assert.deepEqual(received.difference.endpoints.added, named);
    for (const operator of ['ann', 'bob'] as const) {
      const heard = ['--fingerprint', offered.words];
      await this.done('partner', 'verify', other.name, ...heard, ...this.as(operator));
    }
    await this.done('partner', 'stage', other.name, ...this.as('bob'));
    return received.set.id;
  }

  show(partner: string): Promise<ShownPartner> {
    return this.done<ShownPartner>('partner', 'show', partner);
  }

  /** Asks for a partner until what is expected shows. */
  untilShown(
    partner: string,
    what: string,
    isIt: (shown: ShownPartner) => boolean,
  ): Promise<ShownPartner> {
    return until(`${this.name} to see of ${partner}: ${what}`, SEEN_MS, async () => {
      const shown = await this.show(partner);
      return isIt(shown) ? shown : undefined;
    });
  }

  /** Makes a next key with a certificate of another authority than before; its id and hash. */
  async makeNextKey(): Promise<NextKey> {
    const validity = validForDays(Date.now(), 30);
    const authority = await createAuthority({ commonName: `${this.name} CA, new`, ...validity });
    const made = await this.done<MadeKey & { requestPem: string }>(
      ...['cert', 'request', 'main', ...this.as('bob')],
    );
    const answer = await answerRequest(authority, made.requestPem, validity);
    assert.ok(answer.ok);
    writeFileSync(join(this.folder, 'main.pem'), answer.value + authority.certificatePem);
    const install = ['cert', 'install', 'main', 'main.pem', '--key', made.key];
    await this.done(...install, ...this.as('bob'));
    return nextKeyOf(made);
  }

  /** Where its own people's requests come from. */
  line(): Promise<Line> {
    return this.inner.lineOf(`gateway.${this.name}.internal`);
  }

  async close(): Promise<void> {
    this.inner.close();
    const running = [this.proxy, this.#gateway].filter(({ isRunning }) => isRunning);
    await Promise.all(running.map((program) => program.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #failed<T>(exitCode: number, words: readonly string[]): Promise<T> {
    const ended = await run(this.folder, [...words, '--json'], this.#bundle, this.#nodeOptions);
    assert.equal(ended.exitCode, exitCode, `${words.join(' ')}: ${ended.out}${ended.errors}`);
    return JSON.parse(ended.out) as T;
  }

  get #bundle(): string {
    return join(this.folder, 'site/hosts/gateway-1');
  }

  async #addOperators(): Promise<void> {
    for (const [name, role] of [
      ['ann', 'officer'],
      ['bob', 'operator'],
    ] as const) {
      writeFileSync(join(this.folder, `${name}.pass`), `a long passphrase of ${name}\n`);
      const key = ['--new-key', `${name}.key`, '--new-passphrase-file', `${name}.pass`];
      const by = name === 'ann' ? [] : this.as('ann');
      await this.done('operator', 'add', name, '--role', role, ...key, ...by);
    }
  }
}

function nextKeyOf({ key, keys }: MadeKey): NextKey {
  const made = keys.find(({ id }) => id === key);
  assert.ok(made !== undefined);
  return { key, spki: made.spki };
}

interface Ports {
  readonly public: number;
  readonly channel: number;
  readonly inner: number;
  readonly health: readonly [number, number];
}

function siteFile(
  name: string,
  ports: Ports,
  server: { readonly port: number; readonly serverName: string },
): unknown {
  const at = (port: number) => ({ host: HOST, port });
  const domain = `${name}.example`;
  return {
    name,
    layout: 'dual-dmz',
    domains: [domain],
    public: { host: `sip.${domain}`, port: ports.public },
    identities: [
      {
        name: 'main',
        serverNames: [domain, `sip.${domain}`],
        chain: 'identities/main.crt',
        key: 'identities/main.key',
      },
    ],
    proxies: [
      {
        node: 'edge-1',
        listen: [at(ports.public)],
        health: at(ports.health[0]),
        channel: at(ports.channel),
        workers: 1,
      },
    ],
    gateways: [
      {
        node: 'gateway-1',
        inner: { ...at(ports.inner), advertise: `gateway.${name}.internal` },
        health: at(ports.health[1]),
      },
    ],
    database: { kind: 'embedded' },
    communities: [
      {
        id: 'staff',
        domains: [domain],
        hosts: [{ ...at(server.port), serverName: server.serverName }],
        ca: 'communities/community-ca.crt',
        identity: { chain: 'communities/gateway.crt', key: 'communities/gateway.key' },
        probe: { intervalMs: 1000 },
      },
    ],
    limits: { connectionsPerSourcePerSecond: 1000, connectionsPerSourceMax: 1000 },
  };
}

interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly errors: string;
}

async function doneIn(
  folder: string,
  words: readonly string[],
  bundle?: string,
  nodeOptions?: readonly string[],
): Promise<string> {
  const ended = await run(folder, words, bundle, nodeOptions);
  assert.equal(ended.exitCode, 0, `${words.join(' ')}: ${ended.out}${ended.errors}`);
  return ended.out;
}

function run(
  folder: string,
  words: readonly string[],
  bundle = '',
  nodeOptions: readonly string[] = [],
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...nodeOptions, MAIN, ...words], {
      cwd: folder,
      env: { ...COMPILED, HOME: folder, ...(bundle === '' ? {} : { SALLYPORT_BUNDLE: bundle }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('close', (exitCode) => resolve({ exitCode, out, errors }));
  });
}
