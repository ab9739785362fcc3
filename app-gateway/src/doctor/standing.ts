import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { NetworkPlan, ZoneName } from '../plan/network-plan.ts';
import { spelt, ZoneMap } from '../plan/zone-map.ts';
import type { Vantage } from './pairs.ts';

/** A vantage point, and the addresses with which this machine stands there. */
export interface Standing extends Vantage {
  readonly addresses: readonly string[];
}

/**
 * Whether this machine stands where somebody says that it does.
 *
 * A result from the wrong place would prove the opposite of what it says: what the plan allows to one network it
 * forbids to another. Without a name the machine is the host of the plan whose address it has, if any.
 */
export function standing(
  plan: NetworkPlan,
  zone: string,
  named: string | undefined,
  local: readonly string[],
): Result<Standing, string> {
  const zones = plan.zones.map(({ name }) => name);
  const known = [...new Set<ZoneName>(['internet', ...zones])].find((name) => name === zone);
  if (known === undefined) return err(`the plan has no zone ${zone}: it has ${zones.join(', ')}`);
  const map = new ZoneMap(plan.zones);
  const addresses = local.filter((address) => map.zoneOf(address) === known);
  if (addresses.length === 0) {
    return err(`this machine has no address of the zone ${zone}; it has ${listed(local)}`);
  }
  const here = plan.hosts.filter((host) =>
    host.addresses.some((address) => local.includes(spelt(address))),
  );
  const host = plan.hosts.find(({ name }) => name === named);
  if (named !== undefined && host === undefined) return err(`the plan has no host ${named}`);
  if (host !== undefined && host.zone !== known) {
    return err(`${host.name} stands in the zone ${host.zone}, not in ${zone}`);
  }
  if (host !== undefined && !here.includes(host)) {
    return err(`this machine is not ${host.name}: it has none of ${listed(host.addresses)}`);
  }
  const found = host ?? here.find((candidate) => candidate.zone === known);
  return ok({ zone: known, host: found?.name, addresses });
}

function listed(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'none' : addresses.join(', ');
}
