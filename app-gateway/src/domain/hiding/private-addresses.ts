import { comparableAddress } from '@sallyport/shared/sip/ip-address.ts';

const OCTET = String.raw`0{0,2}(?:25[0-5]|2[0-4]\d|1\d\d|\d{1,2})`;
const SHARED = '6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]';
const NETWORK = String.raw`0?10\.${OCTET}|172\.0?(?:1[6-9]|2\d|3[01])|192\.168|169\.254|100\.0?(?:${SHARED})`;
const PRIVATE = String.raw`(?<!\d)(?<!\d\.)(?:${NETWORK})\.${OCTET}\.${OCTET}(?!\.?\d)`;
const IPV4 = new RegExp(PRIVATE);
const EACH_IPV4 = new RegExp(PRIVATE, 'g');
/** What may be an IPv6 address of a private network; behind a colon too, for a word may stand before that. */
const IPV6 = /(?<![0-9a-z])(?:f[cd][0-9a-f]|fe[89ab])[0-9a-f]:[0-9a-f:.]+/gi;

/**
 * Whether an address stands in a text that is one of a private network, shared by a carrier's customers or of a link (RFC 1918,
 * RFC 4193, RFC 6598, RFC 3927, RFC 4291 §2.5.6), other than those of `known`, which has one spelling for each.
 */
export function hasPrivateAddress(text: string, known: ReadonlySet<string>): boolean {
  if (IPV4.test(text)) {
    for (const [found] of text.matchAll(EACH_IPV4)) {
      if (!known.has(comparableAddress(found) ?? '')) return true;
    }
  }
  if (!/f[cde][0-9a-f]{2}:/i.test(text)) return false;
  for (const [found] of text.matchAll(IPV6)) {
    // A full stop may end the sentence, and a port stand behind it without brackets.
    const bare = found.replace(/\.$/, '');
    const address = comparableAddress(bare) ?? comparableAddress(bare.replace(/:\d+$/, ''));
    if (address !== undefined && !known.has(address)) return true;
  }
  return false;
}
