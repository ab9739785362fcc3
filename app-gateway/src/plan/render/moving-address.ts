import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { NetworkPlan, PlanHost } from '../network-plan.ts';
import { FAMILIES, type Family, ofFamily } from './packet-rule.ts';

/** An address that partners dial, and the own addresses of the hosts of which one has it at a time. */
export interface MovingAddress {
  readonly address: string;
  readonly owns: readonly string[];
}

/** The protocol in which such hosts agree who has it (RFC 9568 §5.1); not every system knows it by name. */
const VRRP = 112;

/**
 * The address that moves where one entry of `network.balancers` stands for several hosts; undefined where it stands for
 * one. Their own addresses lie in the network of the address that partners dial: only neighbours can take it over.
 */
export function movingAddress(
  { zones, balancers }: NetworkPlan,
  { name, addresses }: PlanHost,
): MovingAddress | undefined {
  const address = balancers.find(({ host }) => host === name)?.listen.address;
  if (address === undefined) return undefined;
  const owns = zones
    .flatMap(({ networks }) => networks)
    .map((network) => NetworkSet.parse([network]))
    .flatMap((range) => (range.ok && range.value.contains(address) ? [range.value] : []))
    .flatMap((range) => addresses.filter((each) => each !== address && range.contains(each)));
  return owns.length < 2 ? undefined : { address, owns: [...new Set(owns)] };
}

/** What lets such hosts hear each other, for nftables; without it each takes the other for dead. */
export function nftablesTurns(
  chain: 'input' | 'output',
  moving: MovingAddress | undefined,
): readonly string[] {
  return FAMILIES.flatMap((family) => {
    const owns = ofFamily(moving?.owns ?? [], family);
    if (owns.length === 0) return [];
    const [word, hops] = family === 4 ? ['ip', 'ip ttl'] : ['ip6', 'ip6 hoplimit'];
    // From the link alone (§5.1.1.3, §5.1.2.3).
    const ends =
      chain === 'input'
        ? `saddr { ${owns.join(', ')} } ${hops} 255`
        : `daddr { ${owns.join(', ')} }`;
    return [`${word} ${ends} meta l4proto ${VRRP} accept`];
  });
}

/** The same for iptables, of one family. */
export function iptablesTurns(
  chain: 'INPUT' | 'OUTPUT',
  moving: MovingAddress | undefined,
  family: Family,
): readonly string[] {
  const hops = family === 4 ? '-m ttl --ttl-eq 255' : '-m hl --hl-eq 255';
  return ofFamily(moving?.owns ?? [], family).map((own) =>
    chain === 'INPUT'
      ? `-A INPUT -s ${own} -p ${VRRP} ${hops} -j ACCEPT`
      : `-A OUTPUT -d ${own} -p ${VRRP} -j ACCEPT`,
  );
}
