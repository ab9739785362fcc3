import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answerRequest } from '@sallyport/certs/answer-request.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import type { ShownPartner } from './operated-site.ts';

const MAIN = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
const SHOWN_MS = 20_000;
const FORCE = ['--force', '--reason', 'both sides have changed over, we saw it'];

/** What a command ended with. */
export interface Said {
  readonly exitCode: number | null;
  readonly out: string;
  readonly errors: string;
}

interface OwnIdentities {
  readonly identities: readonly {
    readonly keys: readonly { readonly id: string; readonly state: string }[];
  }[];
}

/** Ann (officer) and Bob (operator) of a site that runs, at the command line of a gateway that is up. */
export class SitePeople {
  readonly #folder: string;
  readonly #gatewayBundle: () => string;

  constructor(folder: string, gatewayBundle: () => string) {
    this.#folder = folder;
    this.#gatewayBundle = gatewayBundle;
  }

  async begin(): Promise<void> {
    for (const [name, role] of [
      ['ann', 'officer'],
      ['bob', 'operator'],
    ] as const) {
      this.write(`${name}.pass`, `a long passphrase of ${name}\n`);
      const key = ['--new-key', `${name}.key`, '--new-passphrase-file', `${name}.pass`];
      const by = name === 'ann' ? [] : this.#as('ann');
      await this.done('operator', 'add', name, '--role', role, ...key, ...by);
    }
  }

  /** A command that needs an operator, and that has to be done; what it answers. */
  ask<T = unknown>(operator: 'ann' | 'bob', ...words: readonly string[]): Promise<T> {
    return this.done<T>(...words, ...this.#as(operator));
  }

  async done<T = unknown>(...words: readonly string[]): Promise<T> {
    const { exitCode, out, errors } = await this.said(...words, '--json');
    if (exitCode !== 0) throw new Error(`${words.join(' ')}:\n${out}${errors}`);
    return (JSON.parse(out) as { answer: T }).answer;
  }

  /** Gives a command, whatever comes of it. */
  async said(...words: readonly string[]): Promise<Said> {
    const child = spawn(process.execPath, [MAIN, ...words], {
      cwd: this.#folder,
      env: { HOME: this.#folder, SALLYPORT_BUNDLE: this.#gatewayBundle() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, errors] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { exitCode: child.exitCode, out, errors };
  }

  /** The partner's new authority: received, heard by both over the telephone, accepted beside the old; the set's id. */
  async takeAuthority(partner: string, authority: Issued): Promise<string> {
    this.write('authority.pem', authority.certificatePem);
    const { set } = await this.ask<{ set: { id: string } }>(
      ...(['bob', 'partner', 'receive', partner, 'authority.pem'] as const),
    );
    const heard = ['--fingerprint', new X509Certificate(authority.certificatePem).fingerprint256];
    await this.ask('ann', 'partner', 'verify', partner, ...heard);
    await this.ask('bob', 'partner', 'verify', partner, ...heard);
    await this.ask('bob', 'partner', 'stage', partner);
    return set.id;
  }

  /** What a handshake has used of that set makes it the partner's own; the others are given up, connections or not. */
  async keepOnly(partner: string, set: string): Promise<void> {
    await this.untilShown(partner, ({ accepts }) =>
      accepts.some(({ id, state }) => id === set && state === 'seen'),
    );
    await this.ask('bob', 'partner', 'activate', partner);
    const { accepts } = await this.done<ShownPartner>('partner', 'show', partner);
    for (const { id, state } of accepts) {
      if (id === set || state === 'retired' || state === 'rejected') continue;
      await this.ask('ann', 'partner', 'retire', partner, '--set', id, ...FORCE);
    }
  }

  /** A next key of ours, with a certificate of a new authority; told to partners, and shown from then on. The key's id. */
  async showNextKey(partners: readonly string[]): Promise<string> {
    const validity = validForDays(Date.now(), 30);
    const authority = await createAuthority({ commonName: 'acme CA, new', ...validity });
    const made = await this.ask<{ key: string; requestPem: string }>(
      ...(['bob', 'cert', 'request', 'main'] as const),
    );
    const answer = await answerRequest(authority, made.requestPem, validity);
    if (!answer.ok) throw new Error(answer.error);
    this.write('main.pem', answer.value + authority.certificatePem);
    await this.ask('bob', 'cert', 'install', 'main', 'main.pem', '--key', made.key);
    for (const partner of partners) {
      await this.ask('bob', 'partner', 'offer', partner, '--out', `for-${partner}-${made.key}`);
    }
    await this.ask('bob', 'cert', 'activate', 'main', '--key', made.key);
    return made.key;
  }

  /** Keys of ours that partners are shown, or were before. */
  async ownKeys(): Promise<readonly string[]> {
    const { identities } = await this.done<OwnIdentities>('cert', 'list');
    const [{ keys } = { keys: [] }] = identities;
    return keys.filter(({ state }) => state === 'active').map(({ id }) => id);
  }

  retireOwn(key: string): Promise<unknown> {
    return this.ask('ann', 'cert', 'retire', 'main', '--key', key, ...FORCE);
  }

  async untilShown(partner: string, isIt: (shown: ShownPartner) => boolean): Promise<void> {
    const endMs = performance.now() + SHOWN_MS;
    while (!isIt(await this.done<ShownPartner>('partner', 'show', partner))) {
      if (performance.now() > endMs)
        throw new Error(`what was expected of ${partner} was not seen`);
      await delay(500);
    }
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.#folder, name), content);
  }

  #as(operator: 'ann' | 'bob'): readonly string[] {
    return ['--operator-key', `${operator}.key`, '--passphrase-file', `${operator}.pass`];
  }
}
