import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** One resource record as a test writes it; `ttl` in seconds, 60 when absent. */
export type ZoneRecord = { readonly ttl?: number } & (
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME'; readonly target: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | {
      readonly type: 'NAPTR';
      readonly order: number;
      readonly preference: number;
      readonly flags: string;
      readonly service: string;
      readonly regexp?: string;
      readonly replacement: string;
    }
);

/** What a name answers: its records, or a failure the test wants to see. */
export type ZoneEntry = readonly ZoneRecord[] | 'servfail' | 'refused' | 'silent';

const TYPES = { A: 1, CNAME: 5, SOA: 6, AAAA: 28, SRV: 33, NAPTR: 35 } as const;
const TYPE_NAMES = new Map<number, string>(
  Object.entries(TYPES).map(([name, number]) => [number, name]),
);
const CODES = { unknown: 3, servfail: 2, refused: 5, silent: 0 } as const;

/**
 * A DNS server for tests: UDP on 127.0.0.1, answers from a map, no recursion.
 *
 * Names that the zone does not hold are NXDOMAIN; a name it holds without the
 * type asked for is an empty answer. It counts questions, so that a test can see
 * what a cache kept off the wire, and can hold its answers back until told.
 */
export class DnsServer {
  readonly asked: string[] = [];
  readonly #zone: Map<string, ZoneEntry>;
  readonly #socket: Socket;
  #held: (() => void)[] | undefined;

  private constructor(zone: Record<string, ZoneEntry>, socket: Socket) {
    this.#zone = new Map(Object.entries(zone));
    this.#socket = socket;
    socket.on('message', (query, peer) => this.#receive(query, peer));
  }

  /** Opens a server for the names given, on a free port. */
  static async open(zone: Record<string, ZoneEntry>): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(zone, socket);
  }

  /** `ip:port`, as a list of name servers takes it. */
  get address(): string {
    const { address, port } = this.#socket.address() as AddressInfo;
    return `${address}:${port}`;
  }

  set(name: string, entry: ZoneEntry): void {
    this.#zone.set(name, entry);
  }

  /** Keeps every further answer back until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const send of held) send();
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #receive(query: Buffer, peer: RemoteInfo): void {
    const { name, nameEnd } = readName(query, 12);
    const type = TYPE_NAMES.get(query.readUInt16BE(nameEnd)) ?? 'unknown';
    this.asked.push(`${type} ${name}`);
    const entry = this.#zone.get(name.toLowerCase());
    if (entry === 'silent') return;
    const reply = answer(query, nameEnd + 4, type, entry);
    const send = () => this.#socket.send(reply, peer.port, peer.address);
    if (this.#held) this.#held.push(send);
    else send();
  }
}

function answer(query: Buffer, questionEnd: number, type: string, entry?: ZoneEntry): Buffer {
  const head = Buffer.from(query.subarray(0, questionEnd));
  const records = typeof entry === 'object' ? entry : [];
  const chosen = records.filter((record) => record.type === type || record.type === 'CNAME');
  const code = typeof entry === 'object' ? 0 : CODES[entry ?? 'unknown'];
  head.writeUInt16BE(0x85_80 | code, 2);
  head.writeUInt16BE(chosen.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...chosen.map(encodeRecord)]);
}

function encodeRecord(record: ZoneRecord): Buffer {
  const data = recordData(record);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc0_0c, 0);
  head.writeUInt16BE(TYPES[record.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(record.ttl ?? 60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function recordData(record: ZoneRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number));
    case 'AAAA':
      return Buffer.from(fullIpv6(record.address), 'hex');
    case 'CNAME':
      return encodeName(record.target);
    case 'SRV':
      return Buffer.concat([
        uint16s(record.priority, record.weight, record.port),
        encodeName(record.target),
      ]);
    case 'NAPTR':
      return Buffer.concat([
        uint16s(record.order, record.preference),
        ...[record.flags, record.service, record.regexp ?? ''].map(characterString),
        encodeName(record.replacement),
      ]);
  }
}

function uint16s(...values: number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

function characterString(text: string): Buffer {
  return Buffer.from([text.length, ...Buffer.from(text, 'latin1')]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([...labels.map(characterString), Buffer.from([0])]);
}

function fullIpv6(address: string): string {
  const [left = '', right] = address.split('::');
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const before = groups(left);
  const after = groups(right ?? '');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('');
}

function readName(bytes: Buffer, start: number): { name: string; nameEnd: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), nameEnd: at + 1 };
}
