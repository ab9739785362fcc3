import type { NetworkPlan, PlanBalancer } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import { movingAddress } from './moving-address.ts';

/** What says which of several hosts has the address: written by people, beside what each plan writes anew. */
export const VRRP_FILE = '/etc/keepalived/vrrp.conf';

/** A partner comes back to the same proxy within this time, so that connections to several ports meet. */
const PERSISTENCE_SECONDS = 300;

/** How long a connection may be silent: five days, as on the firewalls. */
const SILENT_SECONDS = 432_000;

/**
 * LVS by keepalived, translating targets (NAT): packets keep their source, which proxies judge partners by.
 *
 * The proxies' way back to the internet must lead through this host. Families do not mix: proxies of the other family
 * are left out, as the kernel would.
 */
export function keepalivedConfig(plan: NetworkPlan, balancer: PlanBalancer): string {
  const { address, port } = balancer.listen;
  const family = familyOf(address);
  const host = plan.hosts.find(({ name }) => name === balancer.host);
  const isMoving = host !== undefined && movingAddress(plan, host) !== undefined;
  const servers = balancer.targets
    .filter((target) => familyOf(target.address) === family)
    .map(
      (target) => `    # ${target.host}
    real_server ${target.address} ${target.port} {
        weight 1
${checkOf(target)}
    }`,
    );
  return `# keepalived on ${balancer.host}, site ${plan.site}. Written by "sallyport plan"; change site.yaml instead.
global_defs {
    router_id ${balancer.host}
    # Connections stand for days: the kernel's own 15 minutes of silence would end them.
    lvs_timeouts tcp ${SILENT_SECONDS} tcpfin 120
}
${isMoving ? `# Which of the hosts has ${address}: yours, and no plan changes it.\ninclude ${VRRP_FILE}\n` : ''}
virtual_server ${address} ${port} {
    delay_loop 2
    lb_algo wlc
    lb_kind NAT
    protocol TCP
    persistence_timeout ${PERSISTENCE_SECONDS}
    # A check that fails twice takes a proxy out; one that works brings it back.
    retry 1
    delay_before_retry 1
    # Connections of a proxy that fails a check stay with it: it may be draining.
    inhibit_on_failure
${servers.join('\n')}
}
`;
}

/** What the kernel must be set to: tracked, and never forgotten for being silent. */
export function keepalivedSysctl(): string {
  return `# For /etc/sysctl.d on the balancer. Without the module ip_vs (/etc/modules-load.d) its settings are passed over.
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
net.ipv4.vs.conntrack = 1
net.ipv4.vs.expire_nodest_conn = 1
# Who comes back is not sent to a proxy that is out, although the time of persistence has not passed.
net.ipv4.vs.expire_quiescent_template = 1
net.netfilter.nf_conntrack_tcp_timeout_established = ${SILENT_SECONDS}
`;
}

function checkOf({ port, health }: PlanBalancer['targets'][number]): string {
  if (health === undefined) {
    return `        TCP_CHECK {
            connect_port ${port}
            connect_timeout 2
        }`;
  }
  return `        HTTP_GET {
            connect_ip ${health.address}
            connect_port ${health.port}
            connect_timeout 2
            url {
                path /health
                status_code 200
            }
        }`;
}
