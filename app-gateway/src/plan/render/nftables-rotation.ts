import type { NetworkPlan, PlanBalancer } from '../network-plan.ts';
import { BALANCER_TABLE, SHARE_HOOK, sharedTargets, shareWords } from './nftables-balancer.ts';

/** Where the program lies on the balancer's host: its user, who is nobody else, can read it there. */
export const ROTATION_PLACE = '/usr/local/sbin/sallyport-in-rotation';

/**
 * The program that takes proxies out of rotation and back, for bash: asks each every two seconds and writes the one rule
 * anew when an answer differs from the last, or when the rule is not its own any more.
 *
 * Connections that stand are known to the kernel and stay where they are, so that a proxy can drain. When no proxy is
 * fit all of them share again: each closes its ports by itself, and partners are refused at once rather than left waiting.
 */
export function nftablesRotation(plan: NetworkPlan, balancer: PlanBalancer): string {
  const proxies = sharedTargets(balancer).map(({ address, port, health }) =>
    health === undefined
      ? `  '${address} ${port} ${address} ${port} connect'`
      : `  '${address} ${port} ${health.address} ${health.port} health'`,
  );
  return `#!/bin/bash
# Balancer ${balancer.host}, site ${plan.site}: which proxies get new connections. Written by "sallyport plan".
set -u

# Address and port of each proxy, what is asked there, and how: for its health (HTTP 200), or whether it accepts.
proxies=(
${proxies.join('\n')}
)

is_fit() {
  exec 3<>"/dev/tcp/$3/$4" || return 1
  [ "$5" = connect ] && return 0
  printf 'GET /health HTTP/1.1\\r\\nHost: sallyport\\r\\nConnection: close\\r\\n\\r\\n' >&3
  read -r _ status _ <&3 && [ "$status" = 200 ]
}
export -f is_fit

# Prints the proxies that are fit, a line each; all are asked at the same time.
fit() {
  local -a asked=()
  local proxy at
  for proxy in "\${proxies[@]}"; do
    # shellcheck disable=SC2086
    timeout 2 bash -c 'is_fit "$@"' is_fit $proxy 2>/dev/null >&2 &
    asked+=("$!")
  done
  for at in "\${!asked[@]}"; do
    if wait "\${asked[at]}"; then printf '%s\\n' "\${proxies[at]}"; fi
  done
}

# Loads the rule for these proxies in one step: no packet meets half of it.
share() {
  local elements='' count=0 address port
  while read -r address port _; do
    elements+="\${elements:+, }$count : $address . $port"
    count=$((count + 1))
  done <<<"$1"
  nft -f - <<RULES
add table inet ${BALANCER_TABLE}
add chain inet ${BALANCER_TABLE} share { ${SHARE_HOOK} }
flush chain inet ${BALANCER_TABLE} share
add rule inet ${BALANCER_TABLE} share ${shareWords(balancer)} mod $count map { $elements }
RULES
}

in_force() { nft list chain inet ${BALANCER_TABLE} share 2>/dev/null | cksum; }

shared='nobody yet' written=''
while :; do
  now=$(fit)
  # Somebody else may have loaded the rules anew.
  if [ "$now" != "$shared" ] || [ "$(in_force)" != "$written" ]; then
    if share "\${now:-$(printf '%s\\n' "\${proxies[@]}")}"; then
      shared=$now
      written=$(in_force)
      names=$(cut -d' ' -f1,2 <<<"$now" | paste -sd,)
      echo "in rotation: \${names:-all, for none is fit}"
    fi
  fi
  sleep 2
done
`;
}

/** The unit that keeps it running, with no right but that to change packet rules. */
export function nftablesRotationUnit(balancer: PlanBalancer): string {
  return `# For /etc/systemd/system on ${balancer.host}; in-rotation.sh goes to ${ROTATION_PLACE}. Written by "sallyport plan".
[Unit]
Description=Sallyport balancer: proxies in rotation
Wants=network-online.target
After=network-online.target nftables.service
PartOf=nftables.service

[Service]
ExecStart=/bin/bash ${ROTATION_PLACE}
Restart=always
RestartSec=1
DynamicUser=yes
AmbientCapabilities=CAP_NET_ADMIN
CapabilityBoundingSet=CAP_NET_ADMIN
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateTmp=yes
PrivateDevices=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077

[Install]
WantedBy=multi-user.target
`;
}
