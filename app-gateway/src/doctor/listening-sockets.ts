import { Buffer } from 'node:buffer';
import { formatAddress, parseAddress } from '@sallyport/shared/net/address.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import type { Protocol } from '../plan/network-plan.ts';

/** A socket on which this machine takes connections or datagrams. */
export interface ListeningSocket {
  readonly protocol: Protocol;
  /** `0.0.0.0` and `::` stand for every address. */
  readonly address: string;
  readonly port: number;
  /** Of the socket, by which the process is found that holds it. */
  readonly inode: string;
}

/** The texts of `/proc/net/tcp` and its three siblings; absent where the system does not have them. */
export interface SocketTables {
  readonly tcp: string | undefined;
  readonly tcp6: string | undefined;
  readonly udp: string | undefined;
  readonly udp6: string | undefined;
}

/** What is read of one table at most. */
const LINES_MAX = 200_000;
/** `TCP_LISTEN`; for UDP `TCP_CLOSE`, which means: not tied to one peer. */
const STATES: Readonly<Record<Protocol, string>> = { tcp: '0A', udp: '07' };
/** `TCP_ESTABLISHED`. */
const ESTABLISHED = '01';
const LINE =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /;
const INODE_COLUMN = 9;

/**
 * The listening sockets of a machine from the tables of its kernel (proc_pid_net(5)).
 *
 * Workers that share a port stand in the table several times and come out once, with the first one's inode.
 */
export function listeningSockets(tables: SocketTables): readonly ListeningSocket[] {
  const found = [
    ...socketsIn(tables.tcp, 'tcp'),
    ...socketsIn(tables.tcp6, 'tcp'),
    ...socketsIn(tables.udp, 'udp'),
    ...socketsIn(tables.udp6, 'udp'),
  ];
  const unique = new Map<string, ListeningSocket>();
  for (const socket of found) {
    const key = socketKey(socket);
    if (!unique.has(key)) unique.set(key, socket);
  }
  return [...unique.values()];
}

/** `tcp 192.0.2.1:5061`, `udp [::]:53`: a place as people read it. */
export function socketKey({
  protocol,
  address,
  port,
}: Pick<ListeningSocket, 'protocol' | 'address' | 'port'>): string {
  return `${protocol} ${hostPort(address, port)}`;
}

/** How many TCP connections stand at each port of this machine. */
export function establishedPorts({ tcp, tcp6 }: SocketTables): ReadonlyMap<number, number> {
  const ports = new Map<number, number>();
  for (const { port } of [...rows(tcp, ESTABLISHED), ...rows(tcp6, ESTABLISHED)]) {
    ports.set(port, (ports.get(port) ?? 0) + 1);
  }
  return ports;
}

function socketsIn(table: string | undefined, protocol: Protocol): readonly ListeningSocket[] {
  return rows(table, STATES[protocol]).map((row) => ({ protocol, ...row }));
}

function rows(
  table: string | undefined,
  state: string,
): readonly Omit<ListeningSocket, 'protocol'>[] {
  return (table ?? '').split('\n', LINES_MAX).flatMap((line) => {
    const match = LINE.exec(line);
    if (match?.[3] !== state) return [];
    const inode = line.trim().split(/\s+/)[INODE_COLUMN] ?? '';
    return [
      { address: addressOf(match[1] ?? ''), port: Number.parseInt(match[2] ?? '', 16), inode },
    ];
  });
}

/** The kernel prints each 32-bit word as a number; all machines we run on keep the low byte first. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = Buffer.concat(words.map((word) => Buffer.from(word, 'hex').reverse()));
  const text =
    bytes.length === 4
      ? [...bytes].join('.')
      : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
