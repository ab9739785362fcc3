import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endpoint, hostPort } from './addresses.ts';
import { pathOf } from './available.ts';
import type { CertificateFiles } from './certificates.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { messagesBetween, type TracedMessage } from './trace.ts';
import { accepts } from './wait.ts';

/** What a Kamailio of the tests is and whom it knows. */
export interface KamailioSetup {
  readonly name: string;
  readonly ownDomain: string;
  readonly otherDomain: string;
  readonly tls: Endpoint;
  /** Plain TCP for its own user agents, on the same address. */
  readonly tcpPort: number;
  readonly certificate: CertificateFiles;
  /** Authorities it trusts, PEM file. */
  readonly ca: string;
  /** Where requests for the other domain go, and the name it asks for there. */
  readonly federation: Endpoint;
  readonly federationName: string;
  /** User agent behind the user `agent`, plain TCP. */
  readonly agent: Endpoint;
  /** Where it runs when that is not this network. */
  readonly place?: {
    command(program: string, args: readonly string[]): { command: string; args: readonly string[] };
    accepts(host: string, port: number): boolean;
  };
}

/** A running Kamailio and what it saw. */
export class Kamailio {
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  /** Every message that reached its script over TLS, from the other company, as it was on the wire. */
  received(): readonly TracedMessage[] {
    return messagesBetween(this.#program.log, '[tls in]', '[wire end]');
  }

  kill(): Promise<void> {
    return this.#program.kill();
  }
}

const PEERS = join(import.meta.dirname, '..');
/** Where Debian has its modules. */
export const MODULES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64']
  .map((folder) => `${folder}/kamailio/modules/`)
  .find((folder) => existsSync(folder));

/** Starts a Kamailio and waits until both of its listeners accept. */
export async function startKamailio(stage: Stage, setup: KamailioSetup): Promise<Kamailio> {
  const folder = stage.subfolder(setup.name);
  const words: Readonly<Record<string, string>> = {
    OWN_DOMAIN: setup.ownDomain,
    OTHER_DOMAIN: setup.otherDomain,
    ADDRESS: setup.tls.host,
    TLS_PORT: String(setup.tls.port),
    TCP_PORT: String(setup.tcpPort),
    MODULES: MODULES ?? '',
    FOLDER: folder,
    FEDERATION: hostPort(setup.federation),
    FEDERATION_NAME: setup.federationName,
    AGENT: hostPort(setup.agent),
    KEY: setup.certificate.key,
    CHAIN: setup.certificate.chain,
    CA: setup.ca,
  };
  for (const file of ['kamailio.cfg', 'tls.cfg']) {
    writeFileSync(join(folder, file), filledIn(join(PEERS, 'kamailio', file), words));
  }
  copyTables(join(folder, 'dbtext'));
  const args = ['-f', join(folder, 'kamailio.cfg'), '-P', join(folder, 'pid'), '-Y', folder].concat(
    ['-w', folder, '-m', '64', '-M', '8', '-DD', '-E'],
  );
  const command = pathOf('kamailio') ?? 'kamailio';
  const { place, tls, tcpPort } = setup;
  const program = await stage.start(
    { name: setup.name, ...(place?.command(command, args) ?? { command, args }) },
    async () => {
      if (place !== undefined) return place.accepts(tls.host, tcpPort);
      return (await accepts(tls.host, tcpPort)) && (await accepts(tls.host, tls.port));
    },
  );
  return new Kamailio(program);
}

/** Fills the `@WORDS@` of a template in; a word that nobody explains is an error. */
export function filledIn(template: string, words: Readonly<Record<string, string>>): string {
  return readFileSync(template, 'utf8').replaceAll(/@([A-Z_]+)@/g, (whole, word: string) => {
    if (word === 'WORDS') return whole;
    const value = words[word];
    if (value === undefined) throw new Error(`${template}: nobody explains ${whole}`);
    return value;
  });
}

function copyTables(folder: string): void {
  mkdirSync(folder);
  for (const table of ['presentity', 'active_watchers', 'watchers', 'version']) {
    cpSync(`/usr/share/kamailio/dbtext/kamailio/${table}`, join(folder, table));
  }
}
