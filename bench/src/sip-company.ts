import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, createServer, type Server } from 'node:tls';
import { answerText, type SipText } from '../../test/integration/support/pair-message.ts';
import type { SipParty } from './sip-party.ts';
import type { SipSums } from './sip-sums.ts';
import { Wire, type WireSink } from './sip-wire.ts';

/** Where a company's server connects to, by a name that Route and Via call it. */
export interface Door {
  readonly name: string;
  readonly port: number;
  readonly connections: number;
}

/** What is a company's own. */
export interface CompanyOptions {
  readonly domain: string;
  /** `host:port` of its server as the other side is told. */
  readonly sentBy: string;
  readonly identity: { readonly certificatePem: string; readonly privateKeyPem: string };
  readonly serverName: string;
  readonly doors: readonly Door[];
  /** No message that comes here may hold it. */
  readonly forbidden: RegExp | undefined;
  readonly sums: SipSums;
}

const REDIAL_MS = 50;
/** As long as one that waits for a connection is patient. */
const PATIENCE_MS = 5000;

/**
 * The SIP server of a company with all of its users: it takes connections and makes its own, and gives every message to the
 * user that it is for.
 */
export class SipCompany implements WireSink {
  readonly options: CompanyOptions;
  readonly parties = new Map<string, SipParty>();
  readonly #server: Server;
  readonly #dialled = new Map<Door, (Wire | undefined)[]>();
  readonly #accepted = new Set<Wire>();
  /** Where each request came from that has no final answer yet. */
  readonly #askedOn = new WeakMap<SipText, Wire>();
  #isClosed = false;

  constructor(options: CompanyOptions) {
    this.options = options;
    const { certificatePem: cert, privateKeyPem: key } = options.identity;
    const shown = { cert, key, requestCert: true, rejectUnauthorized: false };
    this.#server = createServer(shown, (socket) => this.#accepted.add(new Wire(socket, this)));
  }

  listen(port = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Keeps its connections from now on, whatever happens to them. */
  dial(): void {
    for (const door of this.options.doors) {
      const wires = Array.from({ length: door.connections }, () => undefined);
      this.#dialled.set(door, wires);
      for (const at of wires.keys()) void this.#keep(door, at);
    }
  }

  /** A connection for a request: to the door that is named, or to any; the same one for the same key while it lives. */
  async wireFor(name: string | undefined, key: number): Promise<Wire | undefined> {
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const wire = this.#wireNow(name, key);
      if (wire !== undefined || performance.now() > endMs || this.#isClosed) return wire;
      await delay(REDIAL_MS);
    }
  }

  /** Over the connection of the request, else over another one to whom its Via names (RFC 3261 §18.2.2). */
  respond(request: SipText, text: string): void {
    const asked = this.#askedOn.get(request);
    const via = /SIP\/2\.0\/TLS ([^:;]+)/.exec(request.header('Via'))?.[1];
    const wire = asked?.isOpen === true ? asked : this.#wireNow(via, 0);
    wire?.send(text);
  }

  message(message: SipText, wire: Wire): void {
    const { sums, forbidden, domain } = this.options;
    if (message.header('Via').includes('z9hG4bKprobe.')) {
      wire.send(answerText(message, '200 OK'));
      return;
    }
    sums.messages++;
    const leak = forbidden?.exec(message.text)?.[0];
    if (leak !== undefined) sums.complain(`${domain} was shown ${leak}: ${message.text}`);
    const isRequest = message.method !== undefined;
    const user = /<sip:([^@>;]+)@/.exec(message.header(isRequest ? 'To' : 'From'))?.[1] ?? '';
    const party = this.parties.get(user);
    if (isRequest) this.#askedOn.set(message, wire);
    if (party !== undefined) party.take(message);
    else if (isRequest && message.method !== 'ACK') {
      sums.count('request to one who has gone');
      wire.send(answerText(message, '481 Call Does Not Exist'));
    }
  }

  closed(wire: Wire): void {
    this.#accepted.delete(wire);
    for (const party of this.parties.values()) party.wireLost(wire);
  }

  /** Every connection takes nothing for a while. */
  stall(isStalled: boolean): void {
    for (const wire of this.#wires()) wire.stall(isStalled);
  }

  /** The server dies: nothing is there and nobody listens; its users live on. */
  async fall(): Promise<number> {
    const { port } = this;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const wire of this.#accepted) wire.end();
    await closed;
    return port;
  }

  close(): void {
    this.#isClosed = true;
    this.#server.close();
    for (const wire of this.#wires()) wire.end();
  }

  #wires(): readonly Wire[] {
    const dialled = [...this.#dialled.values()].flat().filter((wire) => wire !== undefined);
    return [...this.#accepted, ...dialled];
  }

  #wireNow(name: string | undefined, key: number): Wire | undefined {
    const doors = this.options.doors;
    const named = doors.findIndex((door) => door.name === name);
    for (let step = 0; step < doors.length; step++) {
      const start = named >= 0 ? named : key;
      const wires = this.#dialled.get(doors[(start + step) % doors.length] as Door) ?? [];
      for (let turn = 0; turn < wires.length; turn++) {
        const wire = wires[(key + turn) % wires.length];
        if (wire?.isOpen) return wire;
      }
    }
    return undefined;
  }

  async #keep(door: Door, at: number): Promise<void> {
    const { identity, serverName } = this.options;
    const { certificatePem: cert, privateKeyPem: key } = identity;
    const options: ConnectionOptions = { port: door.port, servername: serverName, cert, key };
    while (!this.#isClosed) {
      const gone = Promise.withResolvers<void>();
      const sink: WireSink = {
        message: (...brought) => this.message(...brought),
        closed: (wire) => {
          this.closed(wire);
          gone.resolve();
        },
      };
      const wire = await Wire.dial(options, sink).catch(() => undefined);
      const wires = this.#dialled.get(door);
      if (wires !== undefined) wires[at] = wire;
      if (wire !== undefined) await gone.promise;
      await delay(REDIAL_MS);
    }
  }
}
