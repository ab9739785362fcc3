import { NetworkSet } from '@sallyport/shared/net/network.ts';

/** Addresses that no partner on the internet has (RFC 6890): this host, our own zones, and what is nobody's. */
const RESERVED = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  // What nobody was given (RFC 4291 §4): nobody, this host, and ways to write an IPv4 address as IPv6, "compatible" (§2.5.5.1) and
  // translated (RFC 2765, RFC 6052). Others of these are Teredo (RFC 4380) and 6to4 (RFC 3056).
  '::/8',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  // Site-local, as private addresses were before `fc00::/7` (RFC 3879).
  'fec0::/10',
  'ff00::/8',
] as const;

const reserved = NetworkSet.parse(RESERVED);
const networks = reserved.ok ? reserved.value : new NetworkSet([]);

/**
 * Whether a URI or a name of a partner may make us dial this address.
 *
 * A partner chooses what stands in its Contact and its DNS: without this it could make the edge knock on doors in
 * our own zones. A reserved address counts only where the operator wrote it into the partner's source networks.
 */
export function mayBeDialled(address: string, agreed: NetworkSet | undefined): boolean {
  return !networks.contains(address) || agreed?.contains(address) === true;
}
