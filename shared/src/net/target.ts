import { type Address, formatAddress, parseAddress } from './address.ts';
import type { DnsAnswer, DnsQuestion } from './dns-record.ts';
import { NetworkSet, parseNetwork } from './network.ts';

/** One place to connect to with TLS. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /**
   * The name the certificate must show and that goes into SNI: the host of the URI,
   * never the SRV target, which an unsigned DNS could have changed (RFC 5922 §7.3).
   */
  readonly serverName: string;
}

/** A host that the domain or its SRV records name, and the port there. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * The places to connect to, in the order of the hosts; no place twice, at most `TARGETS_MAX`.
 *
 * Addresses that no partner can have, and those forbidden, are left out: a zone must not
 * be able to point us at ourselves or at a network behind us.
 */
export function targetsOf(
  found: {
    readonly domain: string;
    readonly hosts: readonly HostPort[];
    readonly questions: readonly DnsQuestion[];
  },
  answers: readonly DnsAnswer[],
  forbidden: NetworkSet,
): readonly Target[] {
  const targets = new Map<string, Target>();
  for (const { host, port } of found.hosts) {
    const families = found.questions.flatMap((question, i) => {
      const answer = answers[i];
      return question.name === host && answer?.kind === 'addresses' ? [answer.addresses] : [];
    });
    for (const text of alternate(families).slice(0, ADDRESSES_PER_HOST_MAX)) {
      const parsed = parseAddress(text);
      if (!parsed || isForbidden(parsed, forbidden)) continue;
      const address = formatAddress(parsed);
      const key = `${address} ${port}`;
      if (!targets.has(key)) targets.set(key, { address, port, serverName: found.domain });
    }
  }
  return [...targets.values()].slice(0, TARGETS_MAX);
}

/** True for an address never to connect to, whoever names it. */
export function isForbidden(address: Address, forbidden: NetworkSet): boolean {
  return NO_HOST.contains(address) || forbidden.contains(address);
}

/** One of each family in turn, so that a family that does not work costs one attempt, not all (RFC 8305 §4). */
function alternate(families: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...families.map((addresses) => addresses.length));
  return Array.from({ length: longest }, (_, i) => i).flatMap((i) =>
    families.flatMap((addresses) => addresses[i] ?? []),
  );
}

const ADDRESSES_PER_HOST_MAX = 8;
const TARGETS_MAX = 16;

/** "This network", multicast, reserved: connecting there reaches ourselves or nobody (RFC 6890). */
const NO_HOST = new NetworkSet(
  ['0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'ff00::/8'].flatMap((text) => {
    const network = parseNetwork(text);
    return network.ok ? [network.value] : [];
  }),
);
