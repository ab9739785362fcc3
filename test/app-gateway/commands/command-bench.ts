import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { AdminServer } from '@sallyport/app-gateway/adapters/admin/admin-server.ts';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { siteFiles } from '@sallyport/app-gateway/adapters/files/site-files.ts';
import { ALL_COMMANDS } from '@sallyport/app-gateway/commands/all-commands.ts';
import { clusterKeySeal } from '@sallyport/app-gateway/commands/cluster-key-seal.ts';
import type { AnyCommand } from '@sallyport/app-gateway/commands/command.ts';
import type {
  Applied,
  CommandContext,
  ProbeFailure,
  ProbeReport,
} from '@sallyport/app-gateway/commands/command-context.ts';
import type { CommandRefusal } from '@sallyport/app-gateway/commands/command-refusal.ts';
import { offerSigningKey } from '@sallyport/app-gateway/commands/offer-signing-key.ts';
import { signedParameters } from '@sallyport/app-gateway/commands/signed-parameters.ts';
import { commandPayload } from '@sallyport/app-gateway/domain/exchange/signed-command.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { memoryStore } from '../ledger/memory-ledger.ts';
import { loadSite, NOW_MS, PARTNER_YAML, SITE_YAML, siteTexts } from '../site-fixture.ts';

function commandOf(words: readonly [string, string]): AnyCommand | undefined {
  return ALL_COMMANDS.find((command) => command.words.join(' ') === words.join(' '));
}

/** What came back over HTTP. */
export interface Answered {
  readonly status: number;
  readonly ok: boolean;
  readonly answer: unknown;
  readonly error: CommandRefusal | undefined;
}

/** What to send beside the parameters, where it is not what an honest program sends. */
export interface Tampering {
  readonly payload?: string;
  readonly signature?: string;
  readonly atMs?: number;
  readonly key?: KeyObject;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The commands over their routes, on a database in memory, with people who have keys. */
export class CommandBench {
  readonly server: AdminServer;
  readonly context: CommandContext;
  readonly logged: string[] = [];
  readonly applied: number[] = [];
  /** Channel certificates that were asked for. */
  readonly issued: string[] = [];
  /** What the proxy saw when it was asked to try a partner. */
  probed: Result<ProbeReport, ProbeFailure> = err('no-proxy');
  readonly #keys = new Map<string, KeyObject>();
  nowMs = NOW_MS;
  #nonce = 0;

  private constructor(
    store: SqlStateStore,
    site: CommandContext['site'],
    commands: readonly AnyCommand[],
  ) {
    const clusterKey = Buffer.alloc(32, 7);
    this.context = {
      store,
      archive: store.archive,
      site,
      node: 'gateway-1',
      nowMs: () => this.nowMs++,
      keys: clusterKeySeal(clusterKey),
      siteFiles: siteFiles(clusterKeySeal(clusterKey)),
      authorities: { rootPem: '', issuingPem: undefined },
      offerSigningKeyPem: offerSigningKey(clusterKey),
      issueChannelCertificate: (node, role, spki) => {
        this.issued.push(`${role} ${node} ${spki.length}`);
        const notAfterMs = NOW_MS + 604_800_000;
        return Promise.resolve(ok({ chainPem: 'chain', serial: '0a', notAfterMs }));
      },
      running: {
        apply: (revision) => this.#apply(revision),
        flows: () => [],
        probe: () => Promise.resolve(this.probed),
      },
    };
    this.server = new AdminServer(commands, this.context, this.#log());
  }

  static async open(
    commands: readonly AnyCommand[] = ALL_COMMANDS,
    siteYaml: string = SITE_YAML,
  ): Promise<CommandBench> {
    const store = await memoryStore();
    const site = loadSite(siteYaml, [PARTNER_YAML], await siteTexts());
    assert.ok(site.ok);
    return new CommandBench(store, site.value, commands);
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.context.store.close();
  }

  /** Adds people: the first is an officer. */
  async people(...names: readonly string[]): Promise<void> {
    for (const [at, name] of names.entries()) {
      await this.done(
        ['operator', 'add'],
        {
          operator: name,
          role: at === 0 ? 'officer' : 'operator',
          publicKey: this.publicKey(name),
        },
        at === 0 ? undefined : names[0],
      );
    }
  }

  /** A fresh key for a person; the private half stays here. */
  publicKey(name: string): { name: string; base64: string } {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#keys.set(name, privateKey);
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return { name: `${name}.pub`, base64: Buffer.from(pem).toString('base64') };
  }

  /** One request, signed by `operator` where one is named. */
  async ask(
    words: readonly [string, string],
    parameters: Readonly<Record<string, unknown>>,
    operator?: string,
    tampering: Tampering = {},
  ): Promise<Answered> {
    const signed =
      operator === undefined ? {} : this.signed(words, parameters, operator, tampering);
    const { payload, signature, extra } = tampering;
    const body = {
      parameters,
      ...signed,
      ...(payload !== undefined && { payload }),
      ...(signature !== undefined && { signature }),
      ...extra,
    };
    const response = await this.server.routes.inject({
      method: 'POST',
      url: `/v1/${words.join('/')}`,
      payload: body,
    });
    const { ok, answer, error } = response.json<Omit<Answered, 'status'>>();
    return { status: response.statusCode, ok, answer, error };
  }

  /** The answer of a command that must not be refused. */
  async done<T>(
    words: readonly [string, string],
    parameters: Readonly<Record<string, unknown>>,
    operator?: string,
  ): Promise<T> {
    const answered = await this.ask(words, parameters, operator);
    assert.ok(answered.ok, `${words.join(' ')}: ${JSON.stringify(answered.error)}`);
    // A person must get it in words as well.
    const command = commandOf(words);
    assert.ok((command?.text(answered.answer) ?? '').length > 0);
    return answered.answer as T;
  }

  /** The code of a refusal. */
  async refused(
    words: readonly [string, string],
    parameters: Readonly<Record<string, unknown>>,
    operator?: string,
  ): Promise<string> {
    const { ok, error } = await this.ask(words, parameters, operator);
    assert.ok(!ok && error !== undefined, `${words.join(' ')} was carried out`);
    assert.ok(error.message.length > 0 && error.next.length > 0);
    return error.code;
  }

  signed(
    words: readonly [string, string],
    parameters: Readonly<Record<string, unknown>>,
    operator: string,
    { atMs, key }: Tampering = {},
  ): { payload: string; signature: string } {
    const definitions = commandOf(words)?.parameters ?? [];
    const payload = commandPayload({
      command: words,
      parameters: signedParameters(definitions, parameters),
      site: 'acme',
      operator,
      atMs: atMs ?? this.nowMs,
      nonce: `nonce-of-more-than-22-characters-${this.#nonce++}`,
    });
    const own = key ?? (this.#keys.get(operator) as KeyObject);
    return { payload, signature: sign(null, Buffer.from(payload), own).toString('base64') };
  }

  #apply(revision: number): Promise<Applied> {
    this.applied.push(revision);
    return Promise.resolve({ proxies: [{ proxy: 'edge-1/0', accepted: true }], closedFlows: 0 });
  }

  #log(): Logger {
    const at = (level: string) => (event: string, fields?: object) => {
      this.logged.push(`${level} ${event} ${JSON.stringify(fields)}`);
    };
    return { info: at('info'), warn: at('warn'), error: at('error') };
  }
}

/** A file as the command line sends it. */
export function sent(name: string, content: string | Buffer): { name: string; base64: string } {
  return { name, base64: Buffer.from(content).toString('base64') };
}
