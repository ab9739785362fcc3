import { createHash } from 'node:crypto';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { Issued } from '@sallyport/certs/authority.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { formatReply } from '@sallyport/shared/sip/reply.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';

/** A company's SIP server, for the demo: users on one side, the way to the other company on the other. */
export interface CompanyOptions {
  readonly domain: string;
  /** Name under which it stands in Via and Record-Route: what topology hiding must hide. */
  readonly innerName: string;
  readonly identity: Issued;
  /** Authority of whoever connects to, or is dialled by, its federation side. */
  readonly peerAuthorityPem: string;
  /** Where requests for other domains go. */
  readonly peer: { readonly host: string; readonly port: number; readonly serverName: string };
  /** Software name it boasts of, in Server: must not leave either. */
  readonly software: string;
}

const LIMITS = {
  headBytesMax: 16_384,
  bodyBytesMax: 65_536,
  requestUriBytesMax: 2048,
  lineBytesMax: 8192,
  headersMax: 128,
};

/**
 * A small stateless SIP proxy over TLS: enough to let real user agents talk, and no more.
 *
 * It record-routes and adds Via and Server as real servers do. Requests for its own domain go to the user of that
 * name, all others to the peer.
 */
export class CompanyServer {
  readonly #options: CompanyOptions;
  readonly #index = new MessageIndex(LIMITS);
  readonly #edit = new MessageEdit();
  readonly #federation: Server;
  readonly #users: Server;
  readonly #lines = new Map<number, TLSSocket>();
  readonly #userLines = new Map<string, number>();
  /** Users whose line is on its way, by their port. */
  readonly #expected = new Map<number, string>();
  #lineCount = 0;
  #peerLine: Promise<number> | undefined;
  federationPort = 0;
  usersPort = 0;
  /** Heads of messages that came over the federation side, for checks of what leaks. */
  readonly seen: string[] = [];

  constructor(options: CompanyOptions) {
    this.#options = options;
    const { certificatePem: cert, privateKeyPem: key } = options.identity;
    const ca = options.peerAuthorityPem;
    const mutual = { cert, key, ca, requestCert: true, rejectUnauthorized: true };
    this.#federation = createServer(mutual, (socket) => this.#open(socket, true));
    this.#users = createServer({ cert, key }, (socket) => this.#open(socket, false));
  }

  async listen(): Promise<void> {
    this.federationPort = await listen(this.#federation);
    this.usersPort = await listen(this.#users);
  }

  close(): void {
    for (const socket of this.#lines.values()) socket.destroy();
    this.#federation.close();
    this.#users.close();
  }

  #open(socket: TLSSocket, isFederation: boolean): number {
    const line = ++this.#lineCount;
    this.#lines.set(line, socket);
    this.#claim(line, socket.remotePort ?? 0);
    const reader = new MessageReader(this.#index, {
      message: (index) => {
        if (isFederation)
          this.seen.push(index.bytes.toString('latin1', index.start, index.bodyStart));
        if (index.isRequest) this.#request(index, line, isFederation);
        else this.#response(index);
      },
      keepAlivePing: () => socket.write('\r\n'),
      keepAlivePong: () => undefined,
      fatal: () => socket.destroy(),
    });
    socket.on('data', (chunk: Buffer) => reader.push(chunk, 0, chunk.length));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#lines.delete(line));
    return line;
  }

  #request(index: MessageIndex, from: number, isFederation: boolean): void {
    const { domain, innerName } = this.#options;
    if (!isFederation) this.#remember(index, from);
    const route = this.#route(index);
    const target = parseSipUri(route.target);
    if (!target.ok) return;
    const isProbe = index.method() === 'OPTIONS' && target.value.user === undefined;
    if (isProbe) return this.#write(from, formatReply(index, { status: 200, reasonPhrase: 'OK' }));
    const branch = createHash('sha1')
      .update(index.valueOf(Header.via) ?? '')
      .digest('hex')
      .slice(0, 16);
    this.#edit.begin(index);
    if (route.own) this.#edit.removeLine(index.first(Header.route));
    const recordRoute =
      index.method() === 'INVITE' || index.method() === 'SUBSCRIBE'
        ? `Record-Route: <sip:${innerName};transport=tls;lr>\r\n`
        : '';
    this.#edit.insertFirst(
      `Via: SIP/2.0/TLS ${innerName};branch=z9hG4bK${from}.${branch};alias\r\n${recordRoute}`,
    );
    const bytes = this.#bytes();
    const isLocal = target.value.host === domain || this.#userLines.has(target.value.user ?? '');
    const user =
      isLocal && !route.elsewhere ? this.#userLines.get(target.value.user ?? '') : undefined;
    if (user !== undefined) return this.#write(user, bytes);
    if (isLocal && !route.elsewhere) {
      return this.#write(from, formatReply(index, { status: 404, reasonPhrase: 'Not Found' }));
    }
    const refusal = formatReply(index, { status: 503, reasonPhrase: 'Service Unavailable' });
    this.#linePeer().then(
      (line) => this.#write(line, bytes),
      () => this.#write(from, refusal),
    );
  }

  /** Our own Route entry is taken off; whatever stands below it names the next hop. */
  #route(index: MessageIndex): { own: boolean; elsewhere: boolean; target: string } {
    const line = index.first(Header.route);
    const uri = index.requestUri();
    if (line < 0) return { own: false, elsewhere: false, target: uri };
    const own = index.value(line).includes(this.#options.innerName);
    const next = own ? index.count(Header.route) > 1 : true;
    return { own, elsewhere: next, target: uri };
  }

  #response(index: MessageIndex): void {
    const via = index.first(Header.via);
    const line = /z9hG4bK(\d+)\./.exec(index.value(via))?.[1];
    if (line === undefined) return;
    this.#edit.begin(index);
    this.#edit.removeLine(via);
    if (index.first(Header.server) < 0) this.#edit.append(`Server: ${this.#options.software}\r\n`);
    this.#write(Number(line), this.#bytes());
  }

  /** A user is whoever writes under that name: the demo has no passwords. */
  #remember(index: MessageIndex, line: number): void {
    const from = parseNameAddr(index.valueOf(Header.from) ?? '');
    const uri = from.ok ? parseSipUri(from.value.uri) : undefined;
    if (uri?.ok && uri.value.user !== undefined && uri.value.host === this.#options.domain) {
      this.#userLines.set(uri.value.user, line);
    }
  }

  /** Ties a user's name to the line from that port, which may still be in its handshake. */
  register(user: string, port: number): void {
    this.#expected.set(port, user);
    for (const [line, socket] of this.#lines)
      if (socket.remotePort === port) this.#claim(line, port);
  }

  #claim(line: number, port: number): void {
    const user = this.#expected.get(port);
    if (user !== undefined) this.#userLines.set(user, line);
  }

  #linePeer(): Promise<number> {
    this.#peerLine ??= new Promise((resolve, reject) => {
      const { identity, peerAuthorityPem, peer } = this.#options;
      const socket = connect({
        host: peer.host,
        port: peer.port,
        servername: peer.serverName,
        cert: identity.certificatePem,
        key: identity.privateKeyPem,
        ca: peerAuthorityPem,
      });
      socket.once('secureConnect', () => resolve(this.#open(socket, true)));
      socket.once('error', reject);
      socket.once('close', () => {
        this.#peerLine = undefined;
      });
    });
    return this.#peerLine;
  }

  #bytes(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#edit.byteLength());
    this.#edit.write(bytes, 0);
    return bytes;
  }

  #write(line: number, bytes: Buffer): void {
    this.#lines.get(line)?.write(bytes);
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
