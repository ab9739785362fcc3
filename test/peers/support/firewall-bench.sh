#!/bin/sh
# A partner, a firewall and a proxy's host in network namespaces that nobody else sees and that end with this script.
# $1: nft or iptables; $2: rules for it; $3: node; $4: script that it runs in a namespace, with what to do as parameters.
set -eu
tool=$1 rules=$2 node=$3 actor=$4
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
case $tool in
  nft) ip netns exec sp-fw nft -f "$rules" ;;
  iptables) ip netns exec sp-fw iptables-restore "$rules" ;;
esac
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
# Packets that matched: a counter by its name, or all rules that end like this.
counted() {
  case $tool in
    nft) ip netns exec sp-fw nft list counter inet sallyport "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p' ;;
    iptables) ip netns exec sp-fw iptables-save -c | awk -F: -v rule="$2" '$0 ~ rule { sum += substr($1, 2) } END { print sum + 0 }' ;;
  esac
}
echo "counter limited: $(counted limited '-m hashlimit .* -j DROP$')"
echo "counter spoofed: $(counted spoofed '-A spoofed .*-j DROP$')"
echo "counter drop_internet_to_outer_dmz: $(counted drop_internet_to_outer_dmz 'drop internet to outer-dmz')"
echo "counter drop_outer_dmz_to_internet: $(counted drop_outer_dmz_to_internet 'drop outer-dmz to internet')"
