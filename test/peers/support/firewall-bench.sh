#!/bin/sh
# A partner, a firewall and a proxy's host in network namespaces that nobody else sees and that end with this script.
# $1: rules for nft; $2: node; $3: script that it runs in a namespace, with what to do as parameters.
set -eu
rules=$1 node=$2 actor=$3
mount -t tmpfs none /run/netns 2>/dev/null || { mkdir -p /run/netns && mount -t tmpfs none /run/netns; }
for name in partner fw edge; do
  ip netns add "sp-$name"
  ip -n "sp-$name" link set lo up
done
ip -n sp-fw link add eth0 type veth peer name eth0 netns sp-partner
ip -n sp-fw link add eth1 type veth peer name eth0 netns sp-edge
ip -n sp-partner addr add 203.0.113.50/24 dev eth0
ip -n sp-partner addr add 10.3.0.5/32 dev lo
ip -n sp-edge addr add 10.1.0.10/24 dev eth0
ip -n sp-fw addr add 203.0.113.1/24 dev eth0
ip -n sp-fw addr add 10.1.0.1/24 dev eth1
for name in partner edge; do ip -n "sp-$name" link set eth0 up; done
ip -n sp-fw link set eth0 up
ip -n sp-fw link set eth1 up
ip -n sp-partner route add default via 203.0.113.1
ip -n sp-edge route add default via 10.1.0.1
ip netns exec sp-fw sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
ip netns exec sp-fw nft -f "$rules"
in_() { ip netns exec "sp-$1" "$node" "$actor" "$2" "$3" "$4"; }
ip netns exec sp-edge "$node" "$actor" listen 10.1.0.10 5061 &
edge=$!
ip netns exec sp-partner "$node" "$actor" listen 203.0.113.50 5061 &
partner=$!
in_ edge await 10.1.0.10 5061
in_ partner await 203.0.113.50 5061
echo "public address: $(in_ partner connect 198.51.100.10 5061)"
echo "inner address: $(in_ partner connect 10.1.0.10 5061)"
echo "another port: $(in_ partner connect 198.51.100.10 5062)"
echo "outwards: $(in_ edge connect 203.0.113.50 5061)"
echo "outwards to another port: $(in_ edge connect 203.0.113.50 5062)"
echo "forged source: $(in_ partner connect-from-10.3.0.5 10.1.0.10 5061)"
echo "hundred at once: $(in_ partner burst 198.51.100.10 5061)"
kill "$edge" "$partner"
for counter in limited spoofed drop_internet_to_outer_dmz drop_outer_dmz_to_internet; do
  echo "counter $counter: $(ip netns exec sp-fw nft list counter inet sallyport "$counter" | sed -n 's/.*packets \([0-9]*\).*/\1/p')"
done
