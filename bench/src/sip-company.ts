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
  /** Absent: 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  readonly connections: number;
}

/** The certificate that its server shows, and the key. */
export interface Shown {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What is a company's own. */
export interface CompanyOptions {
  readonly domain: string;
  /** `host:port` of its server as the other side is told. */
  readonly sentBy: string;
  readonly identity: Shown;
  readonly serverName: string;
  readonly doors: readonly Door[];
  /** No message that comes here may hold it. */
  readonly forbidden: RegExp | undefined;
  readonly sums: SipSums;
  /** Status of the first final answer to each request, by `branch METHOD`; absent: nobody asks later. */
  readonly finals?: Map<string, number>;
}

const REDIAL_MS = 50;
/** After a connection that was not taken, or ended at once. */
const REFUSED_MS = 500;
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
  #identity: Shown;
  #isClosed = false;

  constructor(options: CompanyOptions) {
    this.options = options;
    this.#identity = options.identity;
    const shown = { ...pemOf(options.identity), requestCert: true, rejectUnauthorized: false };
    this.#server = createServer(shown, (socket) => this.#accepted.add(new Wire(socket, this)));
  }

  /** Connections that come from now on are shown that; those that stand go on. */
  show(identity: Shown): void {
    this.#identity = identity;
    this.#server.setSecureContext(pemOf(identity));
  }

  /** Ends so many of the connections that it made, one in so many, and makes them anew. */
  renewWires(oneIn: number): void {
    const wires = [...this.#dialled.values()].flat();
    for (let at = 0; at < wires.length; at += oneIn) wires[at]?.end();
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
    if (message.isFinal) this.#noteFinal(message);
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

  #noteFinal(answer: SipText): void {
    const { finals } = this.options;
    const branch = /branch=([^;\s,]+)/.exec(answer.header('Via'))?.[1];
    const key = `${branch} ${answer.header('CSeq').split(' ')[1]}`;
    if (finals?.has(key) === false) finals.set(key, answer.status);
  }

  #wires(): readonly Wire[] {
    const dialled = [...this.#dialled.values()].flat().filter((wire) => wire !== undefined);
    return [...this.#accepted, ...dialled];
  }

  #wireNow(name: string | undefined, key: number): Wire | undefined {
    const { doors } = this.options;
    const turned = doors.map((_, step) => doors[(key + step) % doors.length] as Door);
    const isNamed = (door: Door) => door.name === name;
    for (const door of [...turned.filter(isNamed), ...turned.filter((one) => !isNamed(one))]) {
      const wires = this.#dialled.get(door) ?? [];
      for (let turn = 0; turn < wires.length; turn++) {
        const wire = wires[(key + turn) % wires.length];
        if (wire?.isOpen) return wire;
      }
    }
    return undefined;
  }

  async #keep(door: Door, at: number): Promise<void> {
    const { name: _, connections: __, ...address } = door;
    while (!this.#isClosed) {
      const startMs = performance.now();
      const servername = this.options.serverName;
      const options: ConnectionOptions = { ...address, servername, ...pemOf(this.#identity) };
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
      await delay(performance.now() - startMs < REFUSED_MS ? REFUSED_MS : REDIAL_MS);
    }
  }
}

function pemOf({ certificatePem: cert, privateKeyPem: key }: Shown) {
  return { cert, key };
}
