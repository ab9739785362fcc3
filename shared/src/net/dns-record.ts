/** One question to the DNS, as RFC 3263 asks them. Names are in lower case, without the last dot. */
export interface DnsQuestion {
  readonly type: 'NAPTR' | 'SRV' | 'A' | 'AAAA';
  readonly name: string;
}

/** RFC 2782. A target of "." or "" means: the service is decidedly not offered. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** RFC 3403 §4.1. */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  readonly replacement: string;
}

/**
 * What came back. `none` is the DNS saying that there is nothing (no such name, or no
 * such record); `failed` is no trustworthy word either way, and worth another try later.
 */
export type DnsAnswer =
  | { readonly kind: 'naptr'; readonly records: readonly NaptrRecord[] }
  | { readonly kind: 'srv'; readonly records: readonly SrvRecord[] }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed' };

/**
 * The name as questions carry it, or undefined for what no DNS name of a host or a service can be.
 *
 * Letters, digits, hyphens and the underscore of service labels; 63 characters a
 * label, 253 in all (RFC 1035 §2.3.4, RFC 2782). Names come from partners' URIs and from
 * strangers' zones, so anything else stops here.
 */
export function dnsName(text: string): string | undefined {
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (name.length > NAME_CHARS_MAX || !NAME.test(name)) return undefined;
  return name;
}

const NAME_CHARS_MAX = 253;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
