import type { NetworkPlan, PlanBalancer, PlanFirewall } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import type { ChecklistSite } from './checklist-site.ts';
import { haproxyOpenFiles } from './haproxy.ts';
import { VRRP_FILE } from './keepalived.ts';
import { movingAddress } from './moving-address.ts';
import { ROTATION_PLACE } from './nftables-rotation.ts';

/** Innermost first: while the outer ones still drop everything, nothing can go wrong that anybody outside could use. */
export function firewallSteps({ firewalls }: NetworkPlan): readonly string[] {
  return [
    'Keep a console on each; before loading, make it undo itself: `(echo flush ruleset; nft list ruleset) > before.nft; systemd-run --unit=undo --on-active=180 nft -f $PWD/before.nft`, and `systemctl stop undo.timer` when you are still in. The first load cuts off what is connected through it: a firewall knows no connection that began before its rules.',
    ...firewalls.toReversed().flatMap(firewallStep),
  ];
}

function firewallStep({ name, joins, interfaces }: PlanFirewall): readonly string[] {
  const isOutermost = joins.includes('internet');
  const folder = `firewalls/${name}`;
  return [
    ...(Object.keys(interfaces).length === 0
      ? [
          `${name}: the plan names no interfaces, so it cannot drop forged sources: name them in \`network.firewalls\`, or let the router do it.`,
        ]
      : []),
    `${name}: with a copy of \`${folder}/\` there, under that name: \`nft -c -f ${folder}/nftables.conf\`, then \`nft -f ${folder}/nftables.conf\`${isOutermost ? '; the last one, for it lets the internet in' : ''}. Other products: \`rules.csv\`, \`matrix.md\`.`,
    `${name}: to stay after a restart: \`install -m 0600 ${folder}/nftables.conf /etc/nftables.conf && systemctl enable nftables\`; \`cp ${folder}/sysctl.conf /etc/sysctl.d/60-sallyport.conf && systemctl restart systemd-sysctl\`. On other products: no idle time-out below two hours for flows marked long-lived.`,
  ];
}

/** What says that a balancer has found its proxies, once they run. */
export function rotationSteps({ balancers }: NetworkPlan): readonly string[] {
  return balancers
    .filter(({ kind }) => kind === 'haproxy')
    .map(({ host, targets }) => {
      const proxies = [...new Set(targets.map((target) => target.host))];
      return `${host}: \`journalctl -u haproxy | grep ' is UP'\` names ${proxies.join(' and ')}.`;
    });
}

/** What is in front of the proxies, before they start. */
export function balancerSteps(
  plan: NetworkPlan,
  { connectionsMax }: Pick<ChecklistSite, 'connectionsMax'>,
): readonly string[] {
  return plan.balancers.flatMap((balancer) => [
    ...(isMoving(plan, balancer) && balancer.kind === 'haproxy' ? [elsewhereStep(balancer)] : []),
    ...(balancer.kind === 'haproxy' ? [openFilesStep(balancer, connectionsMax)] : []),
    `${balancer.host}: ${balancerCommands(balancer)}`,
    ...(isMoving(plan, balancer)
      ? [
          `${balancer.host}: \`${balancer.kind === 'keepalived' ? VRRP_FILE : '/etc/keepalived/keepalived.conf'}\` of each, which says who has ${balancer.listen.address}: “Two balancers and one address” in \`docs/deploy/README.md\`; then \`systemctl enable keepalived && systemctl restart keepalived\`. \`ip -brief address\` shows ${balancer.listen.address} on one of them, and \`journalctl -u keepalived\` says what it does not understand.`,
        ]
      : []),
    ...(balancer.mode === 'pass-through'
      ? [
          `${balancer.host}: the proxies’ way back to the internet leads through it${isMoving(plan, balancer) ? `, by ${balancer.listen.address}, whoever has it` : ''}.`,
        ]
      : []),
  ]);
}

function isMoving(plan: NetworkPlan, balancer: PlanBalancer): boolean {
  const host = plan.hosts.find(({ name }) => name === balancer.host);
  return host !== undefined && movingAddress(plan, host) !== undefined;
}

/** It does not start where it cannot listen. */
function elsewhereStep({ host, listen }: PlanBalancer): string {
  const setting = `net.ipv${familyOf(listen.address)}.ip_nonlocal_bind`;
  return `${host}: HAProxy also where ${listen.address} is not: \`echo ${setting}=1 > /etc/sysctl.d/61-sallyport-address.conf && systemctl restart systemd-sysctl\`.`;
}

/** Its own check of the configuration does not look at this; with fewer it ends at the start. */
function openFilesStep(balancer: PlanBalancer, connectionsMax: number): string {
  const files = haproxyOpenFiles(balancer, connectionsMax);
  return `${balancer.host}: \`systemctl show haproxy -P LimitNOFILE\` says ${files} or more (Debian’s own value does); otherwise \`mkdir -p /etc/systemd/system/haproxy.service.d && printf '[Service]\\nLimitNOFILE=${files}\\n' > /etc/systemd/system/haproxy.service.d/sallyport.conf && systemctl daemon-reload\`, or HAProxy does not start (\`Cannot raise FD limit\`).`;
}

function balancerCommands({ host, kind }: PlanBalancer): string {
  const sysctl = `cp ${host}/sysctl.conf /etc/sysctl.d/60-sallyport.conf && systemctl restart systemd-sysctl`;
  switch (kind) {
    case 'haproxy':
      return `\`haproxy -c -f ${host}/haproxy.cfg && install -m 0644 ${host}/haproxy.cfg /etc/haproxy/haproxy.cfg && systemctl restart haproxy\`.`;
    case 'keepalived':
      // Settings of a module that is not there are passed over, at the next start of the host as well.
      return `\`echo ip_vs > /etc/modules-load.d/sallyport.conf && systemctl restart systemd-modules-load && ${sysctl} && sysctl net.ipv4.vs.conntrack\` says 1; \`keepalived -t -f ${host}/keepalived.conf && install -m 0644 ${host}/keepalived.conf /etc/keepalived/keepalived.conf && systemctl restart keepalived\`.`;
    case 'nftables':
      return [
        `\`${sysctl}\`; \`nft -c -f ${host}/nftables.conf && cat ${host}/nftables.conf >> /etc/nftables.conf && systemctl restart nftables\`;`,
        `\`install -m 0755 ${host}/in-rotation.sh ${ROTATION_PLACE} && cp ${host}/sallyport-balancer.service /etc/systemd/system/ && systemctl daemon-reload && systemctl enable --now sallyport-balancer\`: it takes proxies out that are not fit, and back.`,
      ].join(' ');
    case 'other':
      return 'nothing is written for this product: TCP, a check every 2 s, no idle time-out, sources kept.';
  }
}
