import { parseAddress } from '@sallyport/shared/net/address.ts';
import { NetworkSet, networksOverlap } from '@sallyport/shared/net/network.ts';

type Transport = 'tls' | 'tcp';

/** What of a partner says whether SIP without TLS is allowed. */
export interface PlainSettings {
  readonly plainTcp: boolean;
  readonly sourceNetworks: readonly string[];
  readonly endpoints: readonly {
    readonly host: string;
    readonly transport: Transport;
  }[];
}

/** A partner as far as it may be reached without TLS. */
export type PlainPartner = Pick<PlainSettings, 'plainTcp' | 'endpoints'> & {
  readonly trustSets: readonly unknown[];
};

/**
 * How a connection to a partner is made: as its endpoints say, which all say the same; without any by plain TCP where it has no
 * key of any kind.
 *
 * DNS never leads there. A partner with keys and without such endpoints gets TLS, whatever it does itself; and one without keys
 * whose endpoints say TLS is not reached, for nobody there could prove who it is.
 */
export function transportTo({ plainTcp, endpoints, trustSets }: PlainPartner): Transport {
  if (!plainTcp) return 'tls';
  return endpoints[0]?.transport ?? (trustSets.length === 0 ? 'tcp' : 'tls');
}

/** One thing that is wrong. */
export interface PlainFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What contradicts itself in a partner's settings: without TLS its networks are all the proof there is. */
export function plainTcpFaults({
  plainTcp,
  sourceNetworks,
  endpoints,
}: PlainSettings): readonly PlainFault[] {
  const plain = endpoints.flatMap(({ transport }, at) => (transport === 'tcp' ? [at] : []));
  if (!plainTcp) {
    const message = 'is for partners with plainTcp: true alone';
    return plain.map((at) => ({ path: ['endpoints', at, 'transport'], message }));
  }
  const faults: PlainFault[] = [];
  if (sourceNetworks.length === 0) {
    const message =
      'is empty: without TLS the network is all that says who a partner is, so it must be named';
    faults.push({ path: ['sourceNetworks'], message });
  }
  sourceNetworks.forEach((network, at) => {
    if (!network.endsWith('/0')) return;
    const message = `${network} means every address, and with plainTcp whoever has one is this partner`;
    faults.push({ path: ['sourceNetworks', at], message });
  });
  if (plain.length > 0 && plain.length < endpoints.length) {
    const message =
      'endpoints are all for TLS or all for TCP: nothing falls back from one to the other';
    faults.push({ path: ['endpoints', plain[0] ?? 0, 'transport'], message });
  }
  return [...faults, ...foreignEndpoints(plain, endpoints, sourceNetworks)];
}

/** We dial it and believe that it is the partner: its address must be one of the partner's too. */
function foreignEndpoints(
  plain: readonly number[],
  endpoints: PlainSettings['endpoints'],
  sourceNetworks: readonly string[],
): readonly PlainFault[] {
  const networks = NetworkSet.parse(sourceNetworks);
  if (!networks.ok) return [];
  return plain.flatMap((at) => {
    const { host = '' } = endpoints[at] ?? {};
    if (parseAddress(host) === undefined || networks.value.contains(host)) return [];
    const message = `${host} is not in sourceNetworks, which over plain TCP say who it is`;
    return [{ path: ['endpoints', at, 'host'], message }];
  });
}

/** Whether two partners would be told apart by nothing. */
export function shareNetworks(a: PlainSettings, b: PlainSettings): boolean {
  if (!a.plainTcp || !b.plainTcp) return false;
  const [first, second] = [NetworkSet.parse(a.sourceNetworks), NetworkSet.parse(b.sourceNetworks)];
  if (!first.ok || !second.ok) return false;
  return first.value.networks.some((one) =>
    second.value.networks.some((other) => networksOverlap(one, other)),
  );
}
