import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { pathOf } from './available.ts';
import { freePort } from './free-port.ts';
import { Program } from './program.ts';
import { isListening, until } from './wait.ts';

const HOST = '127.0.0.1';
const START_MS = 15_000;
/** Name in the server's certificate; nothing resolves it. */
export const RSYSLOG_NAME = 'siem.home.internal';
/** The one client that it lets in. */
const CLIENT_NAME = 'gateway-1.home.internal';

/** rsyslog as a SIEM would run it: TLS on both sides verified, one line in a file for each message. */
export class Rsyslog {
  readonly host = HOST;
  readonly port: number;
  readonly caPem: string;
  /** What the server lets in. */
  readonly identity: { readonly chainPem: string; readonly keyPem: string };
  readonly #folder: string;
  #program: Program | undefined;

  private constructor(folder: string, port: number, caPem: string, identity: Rsyslog['identity']) {
    this.#folder = folder;
    this.port = port;
    this.caPem = caPem;
    this.identity = identity;
  }

  static async open(): Promise<Rsyslog> {
    const folder = mkdtempSync(join(tmpdir(), 'rsyslog-'));
    const validity = validForDays(Date.now(), 1);
    const authority = await createAuthority({ commonName: 'SIEM test CA', ...validity });
    const leaf = (name: string, usage: 'serverAuth' | 'clientAuth') =>
      issueLeaf(authority, { commonName: name, dnsNames: [name], usages: [usage], ...validity });
    const server = await leaf(RSYSLOG_NAME, 'serverAuth');
    const client = await leaf(CLIENT_NAME, 'clientAuth');
    const rsyslog = new Rsyslog(folder, await freePort(HOST), authority.certificatePem, {
      chainPem: client.certificatePem,
      keyPem: client.privateKeyPem,
    });
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    file(
      'rsyslog.conf',
      configuration(folder, rsyslog.port, {
        ca: file('ca.pem', authority.certificatePem),
        certificate: file('server.pem', server.certificatePem),
        key: file('server.key', server.privateKeyPem),
      }),
    );
    await rsyslog.start();
    return rsyslog;
  }

  /** Lines that it has written, each from one message. */
  get lines(): readonly string[] {
    const path = join(this.#folder, 'received.log');
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  }

  get log(): string {
    return this.#program?.log ?? '';
  }

  async start(): Promise<void> {
    this.#program = new Program({
      name: 'rsyslog',
      command: pathOf('rsyslogd') ?? 'rsyslogd',
      args: ['-n', '-f', join(this.#folder, 'rsyslog.conf'), '-i', join(this.#folder, 'pid')],
      folder: this.#folder,
    });
    await until('rsyslog to listen', START_MS, () => isListening(this) || undefined);
  }

  /** Ends it in good order: what it has read it writes down first. */
  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Control characters stay as they come: a message that has any would be seen. */
function configuration(
  folder: string,
  port: number,
  files: { readonly ca: string; readonly certificate: string; readonly key: string },
): string {
  return `global(
  workDirectory="${folder}"
  maxMessageSize="8192"
  parser.escapeControlCharactersOnReceive="off"
  defaultNetstreamDriverCAFile="${files.ca}"
  defaultNetstreamDriverCertFile="${files.certificate}"
  defaultNetstreamDriverKeyFile="${files.key}"
)
module(load="imtcp"
  streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/name"
  permittedPeer=["${CLIENT_NAME}"])
template(name="parsed" type="string" string="%pri%|%timestamp:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%\\n")
input(type="imtcp" address="${HOST}" port="${port}")
action(type="omfile" file="${folder}/received.log" template="parsed")
`;
}
