import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { NetworkSettings } from '../config/network-schema.ts';
import type { ParsedSite } from '../config/parse-site.ts';
import type { SiteProblem } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import { checkExposure } from './check-exposure.ts';
import { checkInventory, checkZones } from './check-inventory.ts';
import { checkPartners } from './check-partners.ts';
import { checkPublic } from './check-public.ts';
import { checkSockets } from './check-sockets.ts';
import { legsOf, withCrossings } from './firewall-paths.ts';
import { flowsOfBalancers } from './flows-of-balancers.ts';
import { flowsOfGateways } from './flows-of-gateways.ts';
import { flowsOfOperation } from './flows-of-operation.ts';
import { flowsOfProxies } from './flows-of-proxies.ts';
import { type NetworkPlan, PLAN_FORMAT } from './network-plan.ts';
import { PlanDraft, type PlanFinding } from './plan-draft.ts';
import { ZONES_OF_LAYOUT, ZoneMap } from './zone-map.ts';

/** A plan, and what is doubtful about it. */
export interface MadePlan {
  readonly plan: NetworkPlan;
  readonly warnings: readonly SiteProblem[];
}

/**
 * Works out from the site file who must reach whom: every other conversation is forbidden.
 *
 * Refuses, with every reason at once, a site that cannot work or would be unsafe however well its firewalls
 * were kept.
 */
export function makePlan(parsed: ParsedSite): Result<MadePlan, readonly SiteProblem[]> {
  const { site } = parsed;
  const { source, content } = site;
  const told = (findings: readonly PlanFinding[]) =>
    findings.map(({ severity, path, message }) => source.problem(severity, path, message));
  const { network } = content;
  if (network === undefined) {
    const message =
      'is missing: a plan needs the zones’ networks and the hosts; "sallyport init --preset" writes an example';
    return err([source.problem('error', ['network'], message)]);
  }
  const zones = checkZones(content, network);
  if (zones.some(isError)) return err(told([...zones, ...checkInventory(content, network)]));
  const inventory = checkInventory(content, network);
  const { plan, findings } = drawUp(content, network);
  const all = [...inventory, ...findings];
  if (all.some(isError)) return err(told(all));
  return ok({ plan, warnings: [...told(all), ...checkPartners(parsed)] });
}

function drawUp(site: SiteFile, network: NetworkSettings) {
  const names = ZONES_OF_LAYOUT[site.layout];
  const zones = new ZoneMap(
    names.map((name) => ({
      name,
      networks: network.zones.find(({ zone }) => zone === name)?.networks ?? [],
    })),
  );
  const draft = new PlanDraft(zones, network.hosts);
  const proxies = new Set(site.proxies.map(({ node }) => node));
  for (const host of network.hosts) {
    draft.host(host, undefined);
    for (const node of host.nodes) draft.host(host, proxies.has(node) ? 'proxy' : 'gateway');
  }
  flowsOfProxies(draft, site, network);
  const balancers = flowsOfBalancers(draft, site, network);
  flowsOfGateways(draft, site);
  flowsOfOperation(draft, site, network);
  const plan: NetworkPlan = {
    format: PLAN_FORMAT,
    site: site.name,
    layout: site.layout,
    zones: zones.zones,
    hosts: draft.hosts,
    sockets: draft.sockets,
    flows: draft.flows,
    firewalls: withCrossings(legsOf(network, names), draft.flows),
    balancers,
  };
  return {
    plan,
    findings: [
      ...draft.findings,
      ...checkExposure(site, draft.hosts),
      ...checkPublic(site, network, plan),
      ...checkSockets(site, network, draft.hosts),
    ],
  };
}

function isError({ severity }: PlanFinding): boolean {
  return severity === 'error';
}
