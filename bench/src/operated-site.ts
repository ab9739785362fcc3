import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { LOAD_CORE } from './pinned-process.ts';
import { startPair } from './sallyport.ts';
import { type BenchSite, makeBenchSite, PARTNER_SETTINGS } from './sallyport-site.ts';
import type { RunningSystem } from './system.ts';
import { at, nodeProgram, type Workplace } from './workplace.ts';

/** What the bench looks at in `partner show --json`. */
export interface ShownPartner {
  readonly accepts: readonly { readonly id: string; readonly state: string }[];
  readonly connections: readonly { readonly trustSet: string; readonly ownKey: string }[];
}

const PARTNER = 'partner';
const IDENTITY = 'main';
const GATEWAY_HEALTH = 'http://127.0.0.1:5066/health';
const READY_MS = 60_000;
const SHOWN_MS = 20_000;

/** The running pair with its partners in the gateway's database, and two people at the command line. */
export class OperatedSite {
  readonly #place: Workplace;
  readonly #bundles: BenchSite;
  readonly #running: RunningSystem;

  private constructor(place: Workplace, bundles: BenchSite, running: RunningSystem) {
    this.#place = place;
    this.#bundles = bundles;
    this.#running = running;
  }

  /** Starts the pair, with ann (officer), bob (operator), and the partner with the keys that it has now. */
  static async open(place: Workplace): Promise<OperatedSite> {
    const bundles = makeBenchSite(place, 'embedded');
    const site = new OperatedSite(place, bundles, startPair(place, bundles));
    try {
      await site.#takePartnerOn();
    } catch (cause) {
      await site.stop();
      throw cause;
    }
    return site;
  }

  /** Takes in an authority of the partner's, as a file that came by mail; the id of the new set. */
  async receive(authority: 'ca' | 'next-ca'): Promise<string> {
    const file = this.#pki(`${authority}.crt`);
    const words = ['partner', 'receive', PARTNER, file, ...this.#as('bob')];
    const { set } = await this.command<{ set: { id: string } }>(...words);
    return set.id;
  }

  /** Both have heard the fingerprint over the telephone. */
  async verify(authority: 'ca' | 'next-ca'): Promise<void> {
    const { fingerprint256 } = new X509Certificate(readFileSync(this.#pki(`${authority}.crt`)));
    for (const operator of ['ann', 'bob'] as const) {
      const heard = ['--fingerprint', fingerprint256];
      await this.command('partner', 'verify', PARTNER, ...heard, ...this.#as(operator));
    }
  }

  async stage(): Promise<void> {
    await this.command('partner', 'stage', PARTNER, ...this.#as('bob'));
  }

  async activate(): Promise<void> {
    await this.command('partner', 'activate', PARTNER, ...this.#as('bob'));
  }

  /** By an officer: no bench has a week in which an old key is out of use. */
  async retire(set: string): Promise<void> {
    const words = ['partner', 'retire', PARTNER, '--set', set, ...FORCE];
    await this.command(...words, ...this.#as('ann'));
  }

  /** A next key of ours with a certificate of the bench's authority; its id. */
  async installNextKey(): Promise<string> {
    const { key, requestPem } = await this.command<{ key: string; requestPem: string }>(
      ...['cert', 'request', IDENTITY, ...this.#as('bob')],
    );
    const [request, answer] = [this.#file('main.csr'), this.#file('main.pem')];
    writeFileSync(request, requestPem);
    const signed = spawnSync(
      'openssl',
      [
        ...['x509', '-req', '-in', request, '-CA', this.#pki('ca.crt'), '-CAkey'],
        ...[this.#pki('ca.key'), '-copy_extensions', 'copyall', '-days', '90', '-sha256'],
      ],
      { encoding: 'utf8' },
    );
    if (signed.status !== 0) throw new Error(`openssl: ${signed.stderr}`);
    writeFileSync(answer, signed.stdout + readFileSync(this.#pki('ca.crt'), 'utf8'));
    const install = ['cert', 'install', IDENTITY, answer, '--key', key];
    await this.command(...install, ...this.#as('bob'));
    return key;
  }

  async offerOurKeys(): Promise<void> {
    await this.command('partner', 'offer', PARTNER, '--out', 'offer', ...this.#as('bob'));
  }

  async activateOwn(key: string): Promise<void> {
    await this.command('cert', 'activate', IDENTITY, '--key', key, ...this.#as('bob'));
  }

  async retireOwn(key: string): Promise<void> {
    const words = ['cert', 'retire', IDENTITY, '--key', key, ...FORCE];
    await this.command(...words, ...this.#as('ann'));
  }

  /** Asks for the partner until what is expected shows. */
  async untilShown(what: string, isIt: (shown: ShownPartner) => boolean): Promise<void> {
    const endMs = performance.now() + SHOWN_MS;
    for (;;) {
      const shown = await this.command<ShownPartner>('partner', 'show', PARTNER);
      if (isIt(shown)) return;
      if (performance.now() > endMs) throw new Error(`not seen: ${what}`);
      await delay(200);
    }
  }

  /** Gives a command to the running gateway, and wants it done; what it answers. */
  async command<T>(...words: readonly string[]): Promise<T> {
    const cli = nodeProgram(this.#place, 'app-gateway/src/cli/main.ts');
    const child = spawn('taskset', ['-c', LOAD_CORE, ...cli, ...words, '--json'], {
      cwd: this.#bundles.folder,
      env: { HOME: this.#bundles.folder, SALLYPORT_BUNDLE: this.#bundles.gatewayBundle },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, errors] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (child.exitCode !== 0) throw new Error(`${words.join(' ')}:\n${out}${errors}`);
    return (JSON.parse(out) as { answer: T }).answer;
  }

  async stop(): Promise<void> {
    await this.#running.stop();
  }

  #file(name: string): string {
    return join(this.#bundles.folder, name);
  }

  #pki(name: string): string {
    return at(this.#place, 'pki', name);
  }

  #as(operator: 'ann' | 'bob'): readonly string[] {
    return ['--operator-key', `${operator}.key`, '--passphrase-file', `${operator}.pass`];
  }

  async #takePartnerOn(): Promise<void> {
    await untilChannelIsUp();
    for (const [name, role] of [
      ['ann', 'officer'],
      ['bob', 'operator'],
    ] as const) {
      writeFileSync(this.#file(`${name}.pass`), `a long passphrase of ${name}\n`);
      const key = ['--new-key', `${name}.key`, '--new-passphrase-file', `${name}.pass`];
      const by = name === 'ann' ? [] : this.#as('ann');
      await this.command('operator', 'add', name, '--role', role, ...key, ...by);
    }
    writeFileSync(this.#file('partner.yaml'), JSON.stringify(PARTNER_SETTINGS));
    const from = ['--settings', 'partner.yaml'];
    await this.command('partner', 'add', PARTNER, ...from, ...this.#as('bob'));
    await this.receive('ca');
    await this.verify('ca');
    await this.stage();
  }
}

const FORCE = ['--force', '--reason', 'both sides have changed over, we saw it'];

async function untilChannelIsUp(): Promise<void> {
  const endMs = performance.now() + READY_MS;
  for (;;) {
    const facts = await fetch(GATEWAY_HEALTH).then(
      (response) => response.json() as Promise<{ channels?: number }>,
      () => ({ channels: 0 }),
    );
    if (facts.channels === 1) return;
    if (performance.now() > endMs) throw new Error('the pair did not start: see out/*.log');
    await delay(100);
  }
}
