import { err, ok, type Result } from '../result.ts';
import { type Address, type AddressWords, parseAddress } from './address.ts';

/** The addresses that share their first `prefixBits` bits; a single address is a network of one. */
export interface Network {
  readonly family: 4 | 6;
  readonly words: AddressWords;
  readonly prefixBits: number;
}

/** Why a text is not a network. */
export type NetworkFault =
  | 'network-address-malformed'
  | 'network-prefix-malformed'
  | 'network-host-bits-set';

/**
 * `192.0.2.0/24`, `2001:db8::/32` or one address (RFC 4632 §3.1, RFC 4291 §2.3).
 *
 * Bits behind the prefix must be zero: `192.0.2.7/24` is either a mistyped host or
 * a mistyped network, and a rule that lets partners in must not guess which.
 * An IPv4-mapped network (`::ffff:192.0.2.0/120`) is the IPv4 network it stands for.
 * Any other IPv6 network holds no IPv4 address, so `::/0` is every IPv6 address and not "any".
 */
export function parseNetwork(text: string): Result<Network, NetworkFault> {
  const slash = text.indexOf('/');
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const address = parseAddress(addressText);
  if (!address) return err('network-address-malformed');
  const mapped = address.family === 4 && addressText.includes(':');
  const bits = address.family === 4 ? 32 : 128;
  if (slash < 0) return ok({ ...address, prefixBits: bits });

  const prefixText = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(prefixText)) return err('network-prefix-malformed');
  const prefixBits = Number(prefixText) - (mapped ? 96 : 0);
  if (prefixBits < 0 || prefixBits > bits) return err('network-prefix-malformed');
  const network = { ...address, prefixBits };
  return hostBitsClear(network) ? ok(network) : err('network-host-bits-set');
}

/** Whether the address is of the network's family and begins with its prefix. */
export function networkContains(network: Network, address: Address): boolean {
  if (network.family !== address.family) return false;
  for (let i = 0; i < 4; i++) {
    const mask = wordMask(network, i);
    const difference = (network.words[i] ?? 0) ^ (address.words[i] ?? 0);
    if ((difference & mask) !== 0) return false;
  }
  return true;
}

/** Whether some address is in both: one of them then holds the other. */
export function networksOverlap(a: Network, b: Network): boolean {
  return a.prefixBits <= b.prefixBits ? networkContains(a, b) : networkContains(b, a);
}

/**
 * Networks that a rule names together, such as a partner's sources or our balancers.
 *
 * The empty set holds nothing; where an empty list means "any", the caller says so.
 * A lookup is one pass over the list: lists here are a configuration's, not a routing table's.
 */
export class NetworkSet {
  readonly networks: readonly Network[];

  constructor(networks: readonly Network[]) {
    this.networks = networks;
  }

  /** All texts or the first that is wrong. */
  static parse(
    texts: readonly string[],
  ): Result<NetworkSet, { readonly text: string; readonly fault: NetworkFault }> {
    const networks: Network[] = [];
    for (const text of texts) {
      const network = parseNetwork(text);
      if (!network.ok) return err({ text, fault: network.error });
      networks.push(network.value);
    }
    return ok(new NetworkSet(networks));
  }

  get isEmpty(): boolean {
    return this.networks.length === 0;
  }

  /** False for a text that is no address: what cannot be read is not on the list. */
  contains(address: string | Address): boolean {
    const parsed = typeof address === 'string' ? parseAddress(address) : address;
    if (!parsed) return false;
    for (const network of this.networks) if (networkContains(network, parsed)) return true;
    return false;
  }
}

function hostBitsClear(network: Network): boolean {
  return network.words.every((word, i) => (word & ~wordMask(network, i)) === 0);
}

/** Bits of word `i` that belong to the prefix. An IPv4 prefix begins at the last word. */
function wordMask(network: Network, i: number): number {
  const prefixBits = network.prefixBits + (network.family === 4 ? 96 : 0);
  const bits = Math.min(32, Math.max(0, prefixBits - 32 * i));
  return bits === 0 ? 0 : (-1 << (32 - bits)) | 0;
}
