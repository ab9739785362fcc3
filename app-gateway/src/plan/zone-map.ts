import { formatAddress, parseAddress } from '@sallyport/shared/net/address.ts';
import {
  type Network,
  NetworkSet,
  networkContains,
  parseNetwork,
} from '@sallyport/shared/net/network.ts';
import type { NetworkPlan, PlanZone, ZoneName } from './network-plan.ts';

/** Zones of each layout from the outside to the inside. */
export const ZONES_OF_LAYOUT: Readonly<Record<NetworkPlan['layout'], readonly ZoneName[]>> = {
  'dual-dmz': ['internet', 'outer-dmz', 'inner-dmz', 'intranet'],
  'single-dmz': ['internet', 'dmz', 'intranet'],
  standalone: ['internet', 'dmz', 'intranet'],
};

/** Not reachable from the internet as they are (RFC 1918, 6598, 3927, 4193, 4291). */
const PRIVATE = networkSet([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
]);

const LOOPBACK = networkSet(['127.0.0.0/8', '::1/128']);

/** Never one host's that others reach: this network, link-local, multicast and what is reserved above it. */
const SPECIAL = networkSet([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
]);

/** Tells the zone of an address: that whose networks hold it, else the internet. */
export class ZoneMap {
  readonly zones: readonly PlanZone[];
  readonly #sets: readonly { readonly name: ZoneName; readonly networks: NetworkSet }[];

  /** Zones in their order, the internet first; networks as the schema has checked them. */
  constructor(zones: readonly PlanZone[]) {
    this.zones = zones;
    this.#sets = zones.map(({ name, networks }) => ({ name, networks: networkSet(networks) }));
  }

  zoneOf(address: string): ZoneName {
    return this.#sets.find(({ networks }) => networks.contains(address))?.name ?? 'internet';
  }

  /** The zone that holds all of a network; undefined where none does. */
  zoneHolding(network: string): ZoneName | undefined {
    const inner = parsed(network);
    const isIn = (text: string) => {
      const outer = parsed(text);
      return outer.prefixBits <= inner.prefixBits && networkContains(outer, inner);
    };
    return this.zones.find(({ networks }) => networks.some(isIn))?.name;
  }

  /** Whether `to` lies further inside than `from`. */
  isInwards(from: ZoneName, to: ZoneName): boolean {
    const rank = (name: ZoneName) => this.zones.findIndex((zone) => zone.name === name);
    return rank(from) < rank(to);
  }
}

/** Whether two address ranges share an address. */
export function overlaps(a: string, b: string): boolean {
  const [first, second] = [parsed(a), parsed(b)];
  return networkContains(first, second) || networkContains(second, first);
}

/** Whether partners cannot address it, so that something must translate for them. */
export function isPrivate(address: string): boolean {
  return PRIVATE.contains(address);
}

/** Whether no host can be reached at it from elsewhere. */
export function isSpecial(address: string): boolean {
  return SPECIAL.contains(address);
}

/** Whether it never leaves its host. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.contains(address);
}

/** 4 or 6; an IPv4-mapped address counts as 4. */
export function familyOf(addressOrNetwork: string): 4 | 6 {
  return parsed(addressOrNetwork).family;
}

/** The one spelling of an address. */
export function spelt(address: string): string {
  const value = parseAddress(address);
  return value === undefined ? address : formatAddress(value);
}

function networkSet(texts: readonly string[]): NetworkSet {
  return new NetworkSet(texts.map(parsed));
}

function parsed(text: string): Network {
  const network = parseNetwork(text);
  if (!network.ok) throw new Error(`${text} is no network: ${network.error}`);
  return network.value;
}
