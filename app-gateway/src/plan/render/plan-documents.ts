import type { NetworkPlan, PlanBalancer, PlanFirewall, PlanHost } from '../network-plan.ts';
import { checklist } from './checklist.ts';
import { ownHosts } from './checklist-hosts.ts';
import type { ChecklistSite } from './checklist-site.ts';
import { diagram } from './diagram.ts';
import { haproxyConfig } from './haproxy.ts';
import { iptablesFirewall } from './iptables-firewall.ts';
import { iptablesHost } from './iptables-host.ts';
import { keepalivedConfig, keepalivedSysctl } from './keepalived.ts';
import { nftablesBalancer, nftablesBalancerSysctl } from './nftables-balancer.ts';
import { firewallSysctl, nftablesFirewall } from './nftables-firewall.ts';
import { nftablesHost } from './nftables-host.ts';
import { nftablesRotation, nftablesRotationUnit } from './nftables-rotation.ts';
import { portMatrix } from './port-matrix.ts';
import { rulesCsv } from './rules-csv.ts';

/** One text that is drawn from a plan, by its path in the plan's folder. */
export interface PlanDocument {
  readonly path: string;
  readonly text: string;
}

/** Everything that follows from the plan alone, without a key or a certificate in it. */
export function planDocuments(plan: NetworkPlan, site: ChecklistSite): readonly PlanDocument[] {
  return [
    { path: MATRIX_FILE, text: `${JSON.stringify(plan, undefined, 2)}\n` },
    { path: 'matrix.md', text: portMatrix(plan) },
    { path: 'diagram.svg', text: diagram(plan) },
    { path: 'checklist.md', text: checklist(plan, site) },
    ...plan.firewalls.flatMap((firewall) => firewallDocuments(plan, firewall)),
    ...ownHosts(plan).flatMap((host) => hostDocuments(plan, host)),
    ...plan.balancers.flatMap((balancer) => balancerDocuments(plan, balancer, site)),
  ];
}

/** The plan as a value, which the doctor and the next plan read. */
export const MATRIX_FILE = 'matrix.json';

function firewallDocuments(plan: NetworkPlan, firewall: PlanFirewall): readonly PlanDocument[] {
  const folder = `firewalls/${firewall.name}`;
  return [
    { path: `${folder}/nftables.conf`, text: nftablesFirewall(plan, firewall) },
    { path: `${folder}/iptables-v4.rules`, text: iptablesFirewall(plan, firewall, 4) },
    { path: `${folder}/iptables-v6.rules`, text: iptablesFirewall(plan, firewall, 6) },
    { path: `${folder}/rules.csv`, text: rulesCsv(plan, firewall) },
    { path: `${folder}/sysctl.conf`, text: firewallSysctl() },
  ];
}

function hostDocuments(plan: NetworkPlan, host: PlanHost): readonly PlanDocument[] {
  const folder = `hosts/${host.name}`;
  return [
    { path: `${folder}/nftables.conf`, text: nftablesHost(plan, host) },
    { path: `${folder}/iptables-v4.rules`, text: iptablesHost(plan, host, 4) },
    { path: `${folder}/iptables-v6.rules`, text: iptablesHost(plan, host, 6) },
  ];
}

function balancerDocuments(
  plan: NetworkPlan,
  balancer: PlanBalancer,
  { connectionsMax }: ChecklistSite,
): readonly PlanDocument[] {
  const folder = `balancers/${balancer.host}`;
  switch (balancer.kind) {
    case 'haproxy':
      return [
        { path: `${folder}/haproxy.cfg`, text: haproxyConfig(plan, balancer, connectionsMax) },
      ];
    case 'keepalived':
      return [
        { path: `${folder}/keepalived.conf`, text: keepalivedConfig(plan, balancer) },
        { path: `${folder}/sysctl.conf`, text: keepalivedSysctl() },
      ];
    case 'nftables':
      return [
        { path: `${folder}/nftables.conf`, text: nftablesBalancer(plan, balancer) },
        { path: `${folder}/in-rotation.sh`, text: nftablesRotation(plan, balancer) },
        { path: `${folder}/sallyport-balancer.service`, text: nftablesRotationUnit(balancer) },
        { path: `${folder}/sysctl.conf`, text: nftablesBalancerSysctl() },
      ];
    case 'other':
      return [];
  }
}
