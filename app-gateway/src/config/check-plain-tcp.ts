import {
  type Network,
  NetworkSet,
  networkContains,
  parseNetwork,
} from '@sallyport/shared/net/network.ts';
import type { ParsedSite } from './parse-site.ts';
import { shareNetworks } from './plain-tcp.ts';
import type { SiteProblem } from './site-problem.ts';
import { isAccepted } from './trust-state.ts';

/** Partners without TLS are told apart by their networks, and listeners and partners for it need each other. */
export function checkPlainTcp(parsed: ParsedSite): readonly SiteProblem[] {
  return [
    ...sharedNetworks(parsed),
    ...missingCounterparts(parsed),
    ...keptOut(parsed),
    ...outOfReach(parsed),
  ];
}

function sharedNetworks({ partners }: ParsedSite): readonly SiteProblem[] {
  return partners.flatMap(({ source, content }, at) => {
    const other = partners.slice(0, at).find((earlier) => shareNetworks(earlier.content, content));
    if (other === undefined) return [];
    const message = `its sourceNetworks overlap with those of ${other.content.id}, which has plainTcp too: nothing tells the two apart`;
    return [source.problem('error', ['plainTcp'], message)];
  });
}

/** Firewalls are planned without the partners, which change daily: what they let in must be wide enough. */
function keptOut({ site, partners }: ParsedSite): readonly SiteProblem[] {
  const planned = site.content.network?.plainTcpFrom;
  if (planned === undefined) return [];
  const allowed = NetworkSet.parse(planned);
  return partners.flatMap(({ source, content }) =>
    content.plainTcp
      ? content.sourceNetworks.flatMap((text, at) => {
          const network = parseNetwork(text);
          if (!allowed.ok || !network.ok || holds(allowed.value, network.value)) return [];
          const message = `${text} is not in network.plainTcpFrom of site.yaml: the firewalls that are planned from it keep this partner out`;
          return [source.problem('warning', ['sourceNetworks', at], message)];
        })
      : [],
  );
}

/** Keys may come later than the rest; until then nobody can prove to be the partner there. */
function outOfReach({ partners }: ParsedSite): readonly SiteProblem[] {
  return partners.flatMap(({ source, content: { plainTcp, endpoints, trustSets } }) => {
    if (!plainTcp || endpoints[0]?.transport !== 'tls' || trustSets.some(isAccepted)) return [];
    const message =
      'is tls, which is meant where nothing is said, and no key of this partner is accepted that could prove who answers: nothing is sent to it until one is, or all its endpoints have transport: tcp';
    return [source.problem('warning', ['endpoints', 0, 'transport'], message)];
  });
}

function holds({ networks }: NetworkSet, inner: Network): boolean {
  return networks.some(
    (outer) => outer.prefixBits <= inner.prefixBits && networkContains(outer, inner),
  );
}

function missingCounterparts({ site, partners }: ParsedSite): readonly SiteProblem[] {
  const listeners = site.content.proxies.flatMap(({ listen }, at) =>
    listen.flatMap(({ transport }, index) =>
      transport === 'tcp' ? [['proxies', at, 'listen', index, 'transport']] : [],
    ),
  );
  const allowed = partners.filter(({ content }) => content.plainTcp);
  if (allowed.length === 0) {
    const message = 'lets nobody in: no partner has plainTcp: true';
    return listeners.map((path) => site.source.problem('warning', path, message));
  }
  if (listeners.length > 0) return [];
  return allowed
    .filter(({ content }) => !content.endpoints.some(({ transport }) => transport === 'tcp'))
    .map(({ source }) => {
      const message = 'has no effect: no listener in site.yaml has transport: tcp';
      return source.problem('warning', ['plainTcp'], message);
    });
}
