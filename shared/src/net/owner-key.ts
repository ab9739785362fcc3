import { formatAddress, parseAddress } from './address.ts';

/**
 * Whose an address is, as far as its text tells: the /24 of an IPv4 address, the /48 of an IPv6 address.
 *
 * The most that one who wants to be many gets without a word to anybody (RFC 6177 §2), and the least that is routed by itself. Others
 * may be in it: it is a key for shares of what there is enough of, and for no limit.
 */
export function ownerKey(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return 'unknown';
  const [first, second, , last] = parsed.words;
  return parsed.family === 4
    ? `${formatAddress({ family: 4, words: [0, 0, 0, (last & ~0xff) >>> 0] })}/24`
    : `${formatAddress({ family: 6, words: [first, (second & ~0xff_ff) >>> 0, 0, 0] })}/48`;
}
