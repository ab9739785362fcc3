import { parseAddress } from '@sallyport/shared/net/address.ts';
import type { NetworkSettings } from '../config/network-schema.ts';
import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import type { NetworkPlan } from './network-plan.ts';
import { type PlanFinding, planError, reachableAddresses } from './plan-draft.ts';
import { dialledAddresses, dialledPort, type ToldListener, toldListeners } from './told-places.ts';
import { familyOf, isPrivate, isSpecial, overlaps, spelt } from './zone-map.ts';

type Drawn = Pick<NetworkPlan, 'zones' | 'hosts' | 'flows' | 'balancers'>;

/** Whether partners find what they are told of, at addresses that lead there, and only those who should. */
export function checkPublic(
  site: SiteFile,
  network: NetworkSettings,
  plan: Drawn,
): readonly PlanFinding[] {
  return [
    ...translations(site, network, plan),
    ...unreached(site, plan),
    ...misled(site, toldListeners(site, plan)),
    ...plainSources(network, plan),
  ];
}

interface Translation {
  readonly address: string;
  readonly port: number;
  /** What it leads to. */
  readonly to: readonly string[];
  readonly path: SettingPath;
}

function translations(
  site: SiteFile,
  network: NetworkSettings,
  { hosts, zones }: Drawn,
): readonly PlanFinding[] {
  const all = [...ofListeners(site, hosts), ...ofBalancers(network)];
  return all.flatMap((each, at) => findingsOf(each, all.slice(0, at), zones));
}

function ofListeners({ proxies }: SiteFile, hosts: Drawn['hosts']): readonly Translation[] {
  return proxies.flatMap(({ node, listen }, at) => {
    const host = hosts.find(({ nodes }) => nodes.includes(node));
    return listen.flatMap(({ nat, host: bind }, index): readonly Translation[] => {
      if (nat === undefined) return [];
      const to = host === undefined ? [] : reachableAddresses(host, bind);
      return [{ ...nat, to, path: ['proxies', at, 'listen', index, 'nat'] }];
    });
  });
}

function ofBalancers({ balancers }: NetworkSettings): readonly Translation[] {
  return balancers.flatMap(({ nat, listen }, at): readonly Translation[] =>
    nat === undefined
      ? []
      : [{ ...nat, to: [spelt(listen.address)], path: ['network', 'balancers', at, 'nat'] }],
  );
}

function findingsOf(
  { address, port, to, path }: Translation,
  earlier: readonly Translation[],
  zones: Drawn['zones'],
): readonly PlanFinding[] {
  const found: PlanFinding[] = [];
  if (isSpecial(address)) found.push(planError(path, `${address} is no address of one host`));
  else if (isPrivate(address)) {
    const message = `${address} is private itself: nobody in the internet reaches it, only partners on lines of your own`;
    found.push({ severity: 'warning', path, message });
  }
  const zone = zones.find(({ networks }) => networks.some((own) => overlaps(own, address)));
  if (zone !== undefined) {
    const message = `${address} lies in ${zone.name}: a public address that is translated belongs to no zone; take it out of the zone’s networks, or let the listener have it`;
    found.push(planError(path, message));
  }
  if (to.length > 0 && !to.some((own) => familyOf(own) === familyOf(address))) {
    const message = `${address} and ${to.join(', ')} are not of one family (IPv4, IPv6): no firewall translates between them`;
    found.push(planError(path, message));
  }
  if (earlier.some((one) => spelt(one.address) === spelt(address) && one.port === port)) {
    const message = `${address} port ${port} leads to another listener already: each needs an address or a port of its own, or a balancer in front`;
    found.push(planError(path, message));
  }
  return found;
}

/** A proxy to which no partner can come. */
function unreached(site: SiteFile, { hosts }: Drawn): readonly PlanFinding[] {
  return site.proxies.flatMap(({ node, listen }, at) => {
    const host = hosts.find(({ nodes }) => nodes.includes(node));
    const isReached =
      host === undefined || listen.some((each) => reachableAddresses(host, each.host).length > 0);
    return isReached
      ? []
      : [
          planError(
            ['proxies', at, 'listen'],
            `${node} listens on addresses that its host alone reaches: no partner can come; name one of ${host.addresses.join(', ')}`,
          ),
        ];
  });
}

/** What partners are told, where it leads nowhere. */
function misled(site: SiteFile, listeners: readonly ToldListener[]): readonly PlanFinding[] {
  const groups = Map.groupBy(
    listeners.filter(({ flows }) => flows.length > 0),
    ({ place: { host, port, transport } }) => `${transport} ${host} ${port}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { place, proxy, listen } = first;
    const isOwn = site.proxies[proxy]?.listen[listen]?.advertise !== undefined;
    const path: SettingPath = isOwn
      ? ['proxies', proxy, 'listen', listen, 'advertise']
      : ['public'];
    const flows = group.flatMap((each) => each.flows);
    const right = flows.filter((flow) => dialledPort(flow) === place.port);
    if (right.length === 0) {
      const ports = [...new Set(flows.map(dialledPort))].join(', ');
      return [
        planError(
          [...path, 'port'],
          `partners are told ${place.host} port ${place.port}, and come in by port ${ports} alone: name that, or change the listener, its nat or its balancer`,
        ),
      ];
    }
    const addresses = [...new Set(right.flatMap(dialledAddresses))];
    return parseAddress(place.host) === undefined || addresses.includes(spelt(place.host))
      ? []
      : [
          planError(
            [...path, 'host'],
            `partners are told ${place.host}, and come in by ${addresses.join(', ')} alone`,
          ),
        ];
  });
}

/** Shortest network that can be a partner's: a shorter one is half of everybody. */
const PREFIX_MIN = { 4: 8, 6: 16 } as const;

function plainSources({ plainTcpFrom }: NetworkSettings, { zones }: Drawn): readonly PlanFinding[] {
  return plainTcpFrom.flatMap((text, at) => {
    const path: SettingPath = ['network', 'plainTcpFrom', at];
    const bits = Number(text.split('/')[1] ?? 128);
    const min = PREFIX_MIN[familyOf(text)];
    if (bits < min) {
      return [
        planError(
          path,
          `${text} is no network of one partner, and nothing but its address tells who speaks plain SIP: name /${min} or longer`,
        ),
      ];
    }
    const zone = zones.find(({ networks }) => networks.some((own) => overlaps(own, text)));
    return zone === undefined
      ? []
      : [planError(path, `${text} overlaps ${zone.name}: partners come from the internet`)];
  });
}
