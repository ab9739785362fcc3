import { isEveryAddress } from '@sallyport/shared/net/every-address.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { isLoopback, spelt } from '../plan/zone-map.ts';
import { covers } from './compare-listening.ts';
import { type Finding, fine, unknown } from './finding.ts';
import type { ListeningSocket } from './listening-sockets.ts';
import type { NodeSettings, OwnPlace } from './node-settings.ts';
import type { OwnProcess } from './own-processes.ts';

/** What is listening on this machine, and which addresses are its own, loopback included. */
export interface PortsView {
  readonly sockets: readonly ListeningSocket[];
  readonly addresses: readonly string[];
  readonly processes: readonly OwnProcess[];
  /** Whose a socket is that is not ours. */
  readonly holderOf: (inode: string) => string | undefined;
}

/** Whether each configured port is ours, free, or somebody else’s. */
export function portFindings(settings: NodeSettings, view: PortsView): readonly Finding[] {
  // Port 0 takes any free one: there is nothing to compare.
  const places = settings.places.filter(({ port }) => port !== 0);
  const outward = places.filter(({ host }) => !isLoopback(host));
  if (outward.length > 1 && outward.every(({ host }) => !isOwnAddress(host, view.addresses))) {
    return [otherMachine(settings.node, outward)];
  }
  return places.map((place) => portFinding(place, view));
}

/** Whether a program that listens there listens on this machine; asking anybody else would say nothing of it. */
export function isOwnAddress(host: string, addresses: readonly string[]): boolean {
  return isEveryAddress(host) || isLoopback(host) || addresses.includes(spelt(host));
}

/** Most likely somebody looks on the wrong host: one finding, not one for each port. */
function otherMachine(node: string, places: readonly OwnPlace[]): Finding {
  const hosts = [...new Set(places.map(({ host }) => host))];
  return {
    id: 'port',
    level: 'fault',
    what: `none of its addresses is of this machine: ${hosts.join(', ')}`,
    where: node,
    next: 'look on the host that the bundle is of; there give the interfaces these addresses, or correct the site file and write the bundle anew',
  };
}

function portFinding(place: OwnPlace, view: PortsView): Finding {
  const { sockets, addresses, processes } = view;
  const id = 'port';
  const where = `${hostPort(place.host, place.port)} (${place.purpose})`;
  if (!isOwnAddress(place.host, addresses)) {
    return {
      id,
      level: 'fault',
      what: 'is no address of this machine',
      where,
      next: 'give the interface this address, or correct the site file and write the bundle anew',
    };
  }
  const socket = sockets.find((each) => isAt(each, place));
  const isRunning = processes.length > 0;
  if (socket === undefined) {
    if (!isRunning) return fine(id, where, 'is free');
    const next = place.purpose.startsWith('partners')
      ? 'see the health port and the log: a proxy opens to partners when it has a gateway'
      : 'see its log: the port opens when the program has started';
    return { id, level: 'fault', what: 'the program runs and does not listen here', where, next };
  }
  const holders = processes.map(({ sockets: held }) => held);
  if (holders.some((inodes) => inodes?.has(socket.inode))) return fine(id, where, 'is ours');
  if (isRunning && holders.includes(undefined)) {
    return unknown(id, where, 'is open; by whom, this user may not see', 'look as root');
  }
  const next = 'stop what listens there, or choose another port';
  return {
    id,
    level: 'fault',
    what: `${view.holderOf(socket.inode) ?? 'another program'} listens here`,
    where,
    next,
  };
}

/** Workers share a port: whichever stands first in the table is one of ours or none is. */
function isAt(socket: ListeningSocket, { host, port }: OwnPlace): boolean {
  if (isEveryAddress(host)) return socket.protocol === 'tcp' && socket.port === port;
  return covers(socket, { host: '', address: host, protocol: 'tcp', port, purpose: '' });
}
