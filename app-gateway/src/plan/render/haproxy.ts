import { bracketed, hostPort } from '@sallyport/shared/net/host-port.ts';
import type { NetworkPlan, PlanBalancer } from '../network-plan.ts';

/** Connections beyond what a proxy takes, which it may then refuse by itself: nobody is left to wait at the balancer. */
const SPARE_OF_PROXY = 1000;
/** Open files besides two for each connection: listeners, checks, the log, HAProxy's own. */
const OTHER_FILES = 100;
/** How long a proxy's host may leave octets unconfirmed before the partner's connection ends. */
const UNCONFIRMED = '15s';

/** How many connections HAProxy holds at once: as many as its proxies, and some that they refuse. */
function connectionsAtOnce({ targets }: PlanBalancer, connectionsMax: number): number {
  return targets.length * (connectionsMax + SPARE_OF_PROXY);
}

/** How many open files it must be allowed: it does not start with fewer. */
export function haproxyOpenFiles(balancer: PlanBalancer, connectionsMax: number): number {
  return 2 * connectionsAtOnce(balancer, connectionsMax) + OTHER_FILES;
}

/**
 * HAProxy in front of the proxies: connections are passed on as they are, each with a PROXY header (version 2) that
 * names the partner's address.
 *
 * No time-out ends a silent connection: SIP connections stand for days, and TCP keep-alive finds those that are dead.
 * Where a proxy's host is gone without a word, what was sent to it would be sent again for a quarter of an hour before
 * the partner is told: that ends after `tcp-ut`.
 * `connectionsMax` is what one proxy takes (`limits` of the site file).
 */
export function haproxyConfig(
  plan: NetworkPlan,
  balancer: PlanBalancer,
  connectionsMax: number,
): string {
  const atOnce = connectionsAtOnce(balancer, connectionsMax);
  // One kind of check for all of a backend: asked of some, an answer of 503 would count as well as one of 200.
  const asksHealth = balancer.targets.every(({ health }) => health !== undefined);
  const servers = balancer.targets.map(({ host, address, port, health }) => {
    // With an address of its own a check sends no PROXY header: a proxy that serves nobody has closed its port.
    const asked = asksHealth && health !== undefined ? health : { address, port };
    const check = `check addr ${bracketed(asked.address)} port ${asked.port}`;
    return `    server ${host} ${hostPort(address, port)} send-proxy-v2 ${check} inter 2s fastinter 1s fall 2 rise 2 tcp-ut ${UNCONFIRMED}`;
  });
  return `# HAProxy on ${balancer.host}, site ${plan.site}. Written by "sallyport plan"; change site.yaml instead.
global
    # What the proxies take (limits.connectionsMax, ${connectionsMax} each) and some that they refuse. It needs ${haproxyOpenFiles(balancer, connectionsMax)} open
    # files, which "haproxy -c" does not look at: see the checklist.
    maxconn ${atOnce}
    log /dev/log local0 notice
    user haproxy
    group haproxy
    hard-stop-after 24h

defaults
    mode tcp
    log global
    option tcplog
    option dontlognull
    option redispatch
    retries 2
    timeout connect 2s
    timeout check 2s
    # Never ended for being idle: the largest that HAProxy takes is 24 days.
    timeout client 24d
    timeout server 24d
    timeout tunnel 24d
    timeout client-fin 30s
    timeout server-fin 30s
    option clitcpka
    option srvtcpka
    clitcpka-idle 60s
    clitcpka-intvl 15s
    clitcpka-cnt 4
    srvtcpka-idle 60s
    srvtcpka-intvl 15s
    srvtcpka-cnt 4

frontend partners
    bind ${hostPort(balancer.listen.address, balancer.listen.port)}
    maxconn ${atOnce}
    default_backend proxies

backend proxies
    # Connections stand for days: who has fewest gets the next one. Those of a proxy that drains stay with it.
    balance leastconn
${asksHealth ? '    # A proxy without gateway or snapshot, or one that drains, answers 503 here.\n    option httpchk\n    http-check send meth GET uri /health ver HTTP/1.1 hdr Host sallyport\n    http-check expect status 200\n' : ''}${servers.join('\n')}
`;
}
