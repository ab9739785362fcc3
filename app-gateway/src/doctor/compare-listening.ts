import type { NetworkPlan, PlanSocket, Protocol } from '../plan/network-plan.ts';
import { isOurs } from '../plan/verdict.ts';
import { familyOf, isLoopback, spelt } from '../plan/zone-map.ts';

/** Where something listens, without what only this machine knows. */
export interface LivePlace {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
}

/** What a comparison found about one place. */
export interface ListeningDifference extends LivePlace {
  readonly kind: /** Reachable from elsewhere, and in no plan. */
    | 'unplanned'
    /** On every address of the machine, and the plan names only some of them. */
    | 'wider-than-planned'
    | 'not-listening'
    /** On loopback, and in no plan: nobody else reaches it. */
    | 'unplanned-loopback';
  readonly purpose: string;
}

/** Datagram sockets of these ports are mostly clients that wait for an answer. */
export interface EphemeralPorts {
  readonly first: number;
  readonly last: number;
}

/**
 * Compares the sockets on which a host listens with those the plan has for it.
 *
 * A socket on every address of IPv6 stands for those of IPv4 too, as Linux has it by default.
 */
export function compareListening(
  plan: NetworkPlan,
  host: string,
  live: readonly LivePlace[],
  ephemeral: EphemeralPorts,
): readonly ListeningDifference[] {
  const planned = plan.sockets.filter((socket) => socket.host === host);
  const own = plan.hosts.find(({ name }) => name === host);
  const missing = planned
    .filter((socket) => !live.some((place) => covers(place, socket)))
    .map((socket) => difference('not-listening', socket, socket.purpose));
  // What else other people's hosts do is no matter of the plan.
  if (!isOurs(own)) return missing;
  const addresses = own?.addresses ?? [];
  const judged = live
    .filter((place) => !isClientSocket(place, ephemeral))
    .flatMap((place) => judgePlace(place, planned, addresses));
  return [...missing, ...judged];
}

/** Whether a planned socket is served by a live one. */
export function covers(place: LivePlace, socket: PlanSocket): boolean {
  if (place.protocol !== socket.protocol || place.port !== socket.port) return false;
  if (spelt(place.address) === spelt(socket.address)) return true;
  if (place.address === '::') return true;
  return place.address === '0.0.0.0' && !socket.address.includes(':');
}

function judgePlace(
  place: LivePlace,
  planned: readonly PlanSocket[],
  addresses: readonly string[],
): readonly ListeningDifference[] {
  const served = planned.filter((socket) => covers(place, socket));
  if (served.length === 0) {
    return [difference(isLoopback(place.address) ? 'unplanned-loopback' : 'unplanned', place, '')];
  }
  const reached = addresses.filter(
    (address) => place.address === '::' || (place.address === '0.0.0.0' && familyOf(address) === 4),
  );
  const isWider = reached.some(
    (address) => !served.some((socket) => spelt(socket.address) === spelt(address)),
  );
  return isWider ? [difference('wider-than-planned', place, served[0]?.purpose ?? '')] : [];
}

function isClientSocket({ protocol, port }: LivePlace, { first, last }: EphemeralPorts): boolean {
  return protocol === 'udp' && first <= port && port <= last;
}

function difference(
  kind: ListeningDifference['kind'],
  { protocol, address, port }: LivePlace,
  purpose: string,
): ListeningDifference {
  return { kind, protocol, address: spelt(address), port, purpose };
}
