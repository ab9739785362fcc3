#!/usr/bin/env bash
# Installs the real servers and user agents that this folder speaks with (Debian packages).
# Does nothing when they are all there. In CI it fails when it cannot; elsewhere it says what is missing,
# and the tests that need it are skipped with the same words.
set -uo pipefail

packages=(
  kamailio kamailio-tls-modules kamailio-presence-modules kamailio-extra-modules
  sip-tester stunnel4 libnet-sip-perl libio-socket-ssl-perl baresip-core gcc libc6-dev libsofia-sip-ua-dev dnsmasq-base openssl postgresql
  rsyslog rsyslog-openssl slapd ldap-utils
  golang-go golang-golang-x-mod-dev python3-cryptography gnutls-bin
  iproute2 nftables iptables haproxy keepalived
  debootstrap systemd systemd-container buildah qemu-system-x86 busybox-static kmod
)

missing() {
  local package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

give_up() {
  echo "peers: $1" >&2
  echo "peers: missing: $(missing | tr '\n' ' ')" >&2
  [ "${CI:-}" = true ] && exit 1
  echo "peers: the tests that need them will be SKIPPED" >&2
  exit 0
}

[ -z "$(missing)" ] && exit 0
command -v apt-get >/dev/null || give_up 'no apt-get here; install the packages by hand'

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || give_up 'not root, and no sudo'
  sudo=(sudo -n)
fi
# A fresh Kamailio, rsyslog, HAProxy or keepalived would be started by its package; nothing here shall run as a service.
install=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o Dpkg::Use-Pty=0)
"${sudo[@]}" "${install[@]}" update >/dev/null || echo 'peers: package lists could not be refreshed' >&2
mapfile -t wanted < <(missing)
"${sudo[@]}" "${install[@]}" install -y --no-install-recommends "${wanted[@]}" >/dev/null ||
  give_up 'apt-get could not install the packages'
[ -z "$(missing)" ] || give_up 'packages are still missing after installation'
