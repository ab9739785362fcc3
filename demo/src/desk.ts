import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { auditVerifyCommand } from '@sallyport/app-gateway/cli/audit-verify-command.ts';
import type { Outcome } from '@sallyport/app-gateway/cli/outcome.ts';
import { remoteCommand } from '@sallyport/app-gateway/cli/remote/remote-command.ts';
import { ALL_COMMANDS } from '@sallyport/app-gateway/commands/all-commands.ts';
import type { VerifyReport } from '@sallyport/app-gateway/ledger/verify/verify-report.ts';
import { answerRequest } from '@sallyport/certs/answer-request.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { validForDays } from '@sallyport/certs/validity.ts';

export type Operator = 'ann' | 'bob';

/** A command that was not done. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** A set of a partner's keys, as "partner show" has it. */
interface ShownSet {
  readonly id: string;
  readonly state: string;
  readonly lastUse?: { readonly spki: string };
}

/** As much of "partner show" as the demo looks at. */
export interface ShownPartner {
  readonly accepts: readonly ShownSet[];
  readonly connections: readonly unknown[];
}

const SHOW_TIMEOUT_MS = 10_000;

/**
 * Where a company's operators sit: ann, an officer, and bob. They give the commands of `sallyport`, without a new
 * process for each, so that the demo is over soon.
 */
export class Desk {
  readonly folder: string;

  /** `folder` is the site's. */
  constructor(folder: string) {
    this.folder = folder;
    for (const name of ['ann', 'bob']) {
      writeFileSync(join(folder, `${name}.pass`), `a long passphrase of ${name}\n`);
    }
  }

  /** Ann comes first, by the gateway's socket alone; then she adds bob. */
  async addOperators(): Promise<void> {
    for (const [operator, role] of [
      ['ann', 'officer'],
      ['bob', 'operator'],
    ] as const) {
      const key = { newKey: `${operator}.key`, newPassphraseFile: `${operator}.pass` };
      const by = operator === 'ann' ? undefined : 'ann';
      await this.give('operator add', { operator, role, ...key }, by);
    }
  }

  /** Gives a command; what it answers with `--json`. Throws `Refused`. */
  async give<T>(
    words: string,
    options: Readonly<Record<string, unknown>>,
    by: Operator | undefined,
  ): Promise<T> {
    return answerOf<T>(await this.#outcome(words, { json: true, ...options, ...keyOf(by) }));
  }

  /** Gives a command that takes no operator; what the terminal shows. */
  async read(words: string, options: Readonly<Record<string, unknown>>): Promise<string> {
    const outcome = await this.#outcome(words, options);
    answerOf(outcome);
    return outcome.text;
  }

  /** "audit verify" of a file, with the keys and the checkpoint that "audit keys" wrote into a folder. */
  async verify(file: string, kept: string): Promise<VerifyReport> {
    const options = {
      keys: join(kept, 'ledger-keys.json'),
      checkpoint: join(kept, 'ledger-checkpoint.txt'),
    };
    const { json, text } = await auditVerifyCommand(file, options, this.#surroundings);
    const report = json['answer'] as VerifyReport | undefined;
    if (report === undefined) throw new Error(text);
    return report;
  }

  /** "cert request", the answer of a CA that nobody knows yet, "cert install". */
  async makeNextKey(): Promise<{ readonly key: string; readonly spki: string }> {
    const made = await this.give<{
      key: string;
      keys: readonly { id: string; spki: string }[];
      requestPem: string;
    }>('cert request', { identity: 'main' }, 'bob');
    const { key, keys, requestPem } = made;
    const validity = validForDays(Date.now(), 30);
    const authority = await createAuthority({ commonName: 'Another CA', ...validity });
    const answer = await answerRequest(authority, requestPem, validity);
    if (!answer.ok) throw new Error(answer.error);
    const base64 = Buffer.from(answer.value + authority.certificatePem).toString('base64');
    const file = { name: 'main.pem', base64 };
    await this.give('cert install', { identity: 'main', key, file }, 'bob');
    return { key, spki: keys.find(({ id }) => id === key)?.spki ?? '' };
  }

  /** Asks for a partner until it shows what is expected. */
  async untilShown(partner: string, isIt: (shown: ShownPartner) => boolean): Promise<void> {
    const endMs = performance.now() + SHOW_TIMEOUT_MS;
    for (;;) {
      const shown = await this.give<ShownPartner>('partner show', { partner }, undefined);
      if (isIt(shown)) return;
      if (performance.now() > endMs) throw new Error(`not seen: ${JSON.stringify(shown.accepts)}`);
    }
  }

  #outcome(words: string, options: Readonly<Record<string, unknown>>): Promise<Outcome> {
    const definition = ALL_COMMANDS.find((command) => command.words.join(' ') === words);
    if (definition === undefined) throw new Error(`no command ${words}`);
    return remoteCommand(definition, options, this.#surroundings);
  }

  get #surroundings() {
    return {
      folder: this.folder,
      home: this.folder,
      installed: this.folder,
      bundle: join(this.folder, 'hosts', 'gateway-1'),
      operatorKey: undefined,
      input: process.stdin,
      messages: process.stderr,
      nowMs: Date.now,
    };
  }
}

function keyOf(by: Operator | undefined) {
  return by === undefined ? {} : { operatorKey: `${by}.key`, passphraseFile: `${by}.pass` };
}

function answerOf<T>({ exitCode, json }: Outcome): T {
  if (exitCode === 0) return json['answer'] as T;
  const { code, message } = json['error'] as { code: string; message: string };
  throw new Refused(code, message);
}
