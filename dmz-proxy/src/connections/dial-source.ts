import { type Address, parseAddress } from '@sallyport/shared/net/address.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { ListenAddress } from '../bundle/proxy-config.ts';

const LOOPBACK = networks('127.0.0.0/8', '::1/128');
const ANY = networks('0.0.0.0/32', '::/128');

/**
 * The address of ours from which somebody outside is dialled: that of the first listener of the same family.
 *
 * Firewalls here and at partners know us by it, and a host with an inner interface must not go out by that one.
 * Undefined, so that the system chooses, where listeners answer on every address or on loopback alone.
 */
export function dialSource(listen: readonly ListenAddress[], target: string): string | undefined {
  const to = parseAddress(target);
  if (to === undefined) return undefined;
  return listen.find(({ host }) => {
    const from = parseAddress(host);
    return from !== undefined && from.family === to.family && isSource(from, to);
  })?.host;
}

function isSource(from: Address, to: Address): boolean {
  return !ANY.contains(from) && LOOPBACK.contains(from) === LOOPBACK.contains(to);
}

function networks(...texts: readonly string[]): NetworkSet {
  const set = NetworkSet.parse(texts);
  if (!set.ok) throw new Error(set.error.text);
  return set.value;
}
