import { formatAddress, parseAddress } from '@sallyport/shared/net/address.ts';
import { networkContains, parseNetwork } from '@sallyport/shared/net/network.ts';

/** The address `back` places before the end of a network (its broadcast address not counted), with its prefix length. */
export function addressFromEnd(network: string, back: number): string {
  const parsed = parseNetwork(network);
  if (!parsed.ok) throw new Error(`${network}: ${parsed.error}`);
  const { family, words, prefixBits } = parsed.value;
  const hostBits = (family === 4 ? 32 : 128) - prefixBits;
  if (hostBits < 3) throw new Error(`${network} is too small for a router`);
  // The last word is enough: 32 bits hold more routers than a test has.
  const hostMask = hostBits >= 32 ? 0xff_ff_ff_ff : 2 ** hostBits - 1;
  const [first, second, third, last] = words;
  const address = { family, words: [first, second, third, last + hostMask - 1 - back] as const };
  return `${formatAddress(address)}/${prefixBits}`;
}

/** Whether an address lies in a network. */
export function isIn(network: string, address: string): boolean {
  const [range, value] = [parseNetwork(network), parseAddress(address)];
  return range.ok && value !== undefined && networkContains(range.value, value);
}

/** Prefix length of a network, as `/24`. */
export function prefixOf(network: string): string {
  const slash = network.indexOf('/');
  if (slash >= 0) return network.slice(slash);
  return network.includes(':') ? '/128' : '/32';
}
