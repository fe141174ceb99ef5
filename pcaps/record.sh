#!/usr/bin/env bash
# Records the captures of this folder: real traffic of a client and a server in network namespaces.
#
#   sudo pcaps/record.sh [NAME...]     all of them, or those named (http, dns, ...)
#
# Debian packages: iproute2 ethtool tcpdump tshark nginx-light dnsmasq-base curl python3.
# It touches nothing but the namespaces it makes; they, its processes and its files are gone at the end.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
client=bpfscope-client-$$
server=bpfscope-server-$$
pids=()

# ---- the lab: one cable, a client (10.0.0.7) and a server (web 10.0.0.1, DNS 10.0.0.53) ----

c() { ip netns exec "$client" "$@"; }
s() { ip netns exec "$server" "$@"; }

# A command of the client which resolves names by the server's DNS.
resolving() {
    c sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$work/resolv.conf" "$@"
}

# start NAMESPACE COMMAND...: a process in the background; lab_down ends it. (No shell function in
# between: $! must be the process, not a subshell around it.)
start() {
    ip netns exec "$@" >>"$work/log" 2>&1 &
    pids+=($!)
}

# Waits (at most 5 s) until a command succeeds.
until_ok() {
    for _ in $(seq 100); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.05
    done
    echo "gave up waiting for: $*" >&2
    return 1
}

lab_up() {
    ip netns add "$client"
    ip netns add "$server"
    ip link add eth0 netns "$client" type veth peer name eth0 netns "$server"
    for ns in "$client" "$server"; do
        ip -n "$ns" link set lo up
        # Frames as a wire has them: whole checksums, no segment larger than the MTU.
        ip netns exec "$ns" ethtool -K eth0 tx off sg off tso off gso off gro off >/dev/null
        ip netns exec "$ns" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.eth0.disable_ipv6=1
        ip -n "$ns" link set eth0 addrgenmode none
    done
    ip -n "$client" link set eth0 address 02:00:00:00:00:07
    ip -n "$server" link set eth0 address 02:00:00:00:00:01
    ip -n "$client" addr add 10.0.0.7/24 dev eth0
    ip -n "$server" addr add 10.0.0.1/24 dev eth0
    ip -n "$server" addr add 10.0.0.53/24 dev eth0
}

link_up() {
    ip -n "$client" link set eth0 up
    ip -n "$server" link set eth0 up
}

ipv6_up() {
    s sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0 net.ipv6.conf.eth0.accept_ra=0
    ip -n "$server" addr add fe80::1/64 dev eth0 nodad
    ip -n "$server" addr add fd00::1/64 dev eth0 nodad
    c sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0 net.ipv6.conf.eth0.autoconf=0
    ip -n "$client" addr add fe80::7/64 dev eth0
    ip -n "$client" addr add fd00::7/64 dev eth0
}

ipv6_ready() { [ -z "$(ip -n "$client" -6 addr show tentative)" ]; }

lab_down() {
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
    done
    pids=()
    ip netns del "$client" 2>/dev/null || true
    ip netns del "$server" 2>/dev/null || true
}

cleanup() {
    lab_down
    rm -rf "$work"
}
trap cleanup EXIT

# ---- services ----

listens() { s ss -Hltun "sport = :$1" | grep -q .; }

web() {
    start "$server" nginx -c "$work/nginx.conf" -p "$work" -g "daemon off;"
    until_ok listens 80
}

names() {
    start "$server" dnsmasq --keep-in-foreground --conf-file="$work/dnsmasq.conf" "$@"
    until_ok listens 53
}

# link NAME MODE CLIENT_HOW SERVER_HOW CLIENT_ADDRESS SERVER_ADDRESS: a device on both ends (link.py)
link() {
    start "$client" python3 "$here/link.py" eth0 "$1" "$2" "$3"
    start "$server" python3 "$here/link.py" eth0 "$1" "$2" "$4"
    until_ok ip -n "$client" link show "$1"
    until_ok ip -n "$server" link show "$1"
    if [ "$2" = tap ]; then
        ip -n "$client" link set "$1" address 02:00:00:00:00:07
        ip -n "$server" link set "$1" address 02:00:00:00:00:01
    fi
    ip -n "$client" addr add "$5" dev "$1"
    ip -n "$server" addr add "$6" dev "$1"
    # Two tags must still fit into the carrier's frames.
    ip -n "$client" link set "$1" mtu 1492 up
    ip -n "$server" link set "$1" mtu 1492 up
}

vxlan() {
    ip -n "$client" link add vxlan42 type vxlan id 42 local 10.0.0.7 remote 10.0.0.1 dstport 4789 dev eth0
    ip -n "$server" link add vxlan42 type vxlan id 42 local 10.0.0.1 remote 10.0.0.7 dstport 4789 dev eth0
    ip -n "$client" link set vxlan42 address 02:00:00:00:42:07
    ip -n "$server" link set vxlan42 address 02:00:00:00:42:01
    for ns in "$client" "$server"; do
        ip netns exec "$ns" ethtool -K vxlan42 tx off tso off gso off gro off >/dev/null
    done
    ip -n "$client" addr add 192.168.42.7/24 dev vxlan42
    ip -n "$server" addr add 192.168.42.1/24 dev vxlan42
    ip -n "$client" link set vxlan42 up
    ip -n "$server" link set vxlan42 up
}

traffic() { c python3 "$here/traffic.py" "$@"; }
get() { resolving curl -s -m 10 "$@" >/dev/null || true; }

# ---- recording ----

# record FILE OPTION...: tcpdump on the client
record() {
    file=$1
    shift
    ip netns exec "$client" tcpdump --immediate-mode -U -Z root -w "$work/$file" "$@" 2>"$work/tcpdump.log" >/dev/null &
    recorder=$!
    pids+=("$recorder")
    until_ok grep -q "listening on" "$work/tcpdump.log"
}

# Ends the recording and puts it in place.
recorded() {
    sleep 0.3
    kill "$recorder"
    wait "$recorder" 2>/dev/null || true
    cp "$work/$file" "$here/$file"
}

# ---- the captures ----

http() {
    web
    record http.pcap -i eth0
    local resolve=(--resolve seed.example:80:10.0.0.1)
    get "${resolve[@]}" http://seed.example/index.html http://seed.example/style.css
    get "${resolve[@]}" http://seed.example/missing.html
    get "${resolve[@]}" -I http://seed.example/
    get "${resolve[@]}" -d name=seed http://seed.example/form
    get "${resolve[@]}" http://seed.example/large.txt
    recorded
}

dns() {
    names
    record dns.pcap -i eth0
    resolving getent ahosts seed.example >/dev/null
    for query in "A www.example" "AAAA seed.example" "MX example" "TXT example" "SRV _http._tcp.example" \
        "PTR 1.0.0.10.in-addr.arpa" "A nothing.example" "A seed.invalid"; do
        traffic dns 10.0.0.53 $query
    done
    traffic dns 10.0.0.53 TXT long.example
    traffic dns 10.0.0.53 TXT long.example tcp
    recorded
}

# The server has the address 10.0.0.2 only at times; the client knows its MAC all the time, so what it
# sends meanwhile is lost at the server.
tcp_retransmission() {
    ip -n "$client" neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
    start "$server" python3 "$here/traffic.py" echo-server 0.0.0.0 7
    until_ok listens 7
    record tcp-retransmission.pcap -i eth0
    (sleep 2 && ip -n "$server" addr add 10.0.0.2/24 dev eth0) &
    ip netns exec "$client" python3 "$here/traffic.py" talk 10.0.0.2 7 2 "after two lost SYNs" "lost at first" &
    local talk=$!
    sleep 3
    ip -n "$server" addr del 10.0.0.2/24 dev eth0
    sleep 2
    ip -n "$server" addr add 10.0.0.2/24 dev eth0
    wait "$talk"
    # And a port where nobody listens: RST.
    traffic talk 10.0.0.2 9 0 "" 2>/dev/null || true
    recorded
}

arp_icmp() {
    record arp-icmp.pcap -i eth0
    traffic ping 10.0.0.1 4
    traffic ping 10.0.0.53 1
    traffic ping 10.0.0.1 2 3000
    traffic udp 10.0.0.1 9999 "is anybody there?"
    traffic ping 10.0.0.99 2 || true
    sleep 2
    recorded
}

ipv6_nd() {
    web
    record ipv6-nd.pcap -i eth0
    ipv6_up
    until_ok ipv6_ready
    names --enable-ra --dhcp-range=fd00::,ra-only --ra-param=eth0,mtu:1500,4,60
    sleep 5
    traffic ping fd00::1 3
    get "http://[fd00::1]/index.html"
    traffic udp fd00::1 9999 "is anybody there?"
    traffic ping fd00::99 1 || true
    sleep 2
    recorded
}

vlan() {
    web
    link vlan10 tap 8100:10 8100:10 10.10.0.7/24 10.10.0.1/24
    link qinq tap 88a8:100,8100:10 88a8:100,8100:10 10.100.0.7/24 10.100.0.1/24
    record vlan.pcap -i eth0
    traffic ping 10.10.0.1 3
    get http://10.10.0.1/index.html
    traffic ping 10.100.0.1 3
    get http://10.100.0.1/index.html
    traffic udp 10.100.0.1 9999 "is anybody there?"
    traffic ping 10.0.0.1 1
    recorded
}

vxlan_tunnel() {
    web
    names
    vxlan
    record vxlan.pcap -i eth0
    traffic ping 192.168.42.1 3
    get http://192.168.42.1/index.html
    traffic dns 192.168.42.1 A seed.example
    traffic ping 10.0.0.1 1
    recorded
}

mix() {
    web
    names
    ipv6_up
    until_ok ipv6_ready
    record mix.pcap -i eth0
    get -4 http://seed.example/index.html http://seed.example/style.css
    traffic ping 10.0.0.1 5
    get -6 http://seed.example/index.html
    traffic ping fd00::1 4
    for name in www.example nothing.example seed.example mail.example; do
        traffic dns 10.0.0.53 A "$name"
        traffic dns 10.0.0.53 AAAA "$name"
        traffic ping 10.0.0.53 1
    done
    get -4 http://seed.example/large.txt
    traffic udp 10.0.0.1 9999 "is anybody there?"
    traffic ping 10.0.0.1 2 3000
    link vlan10 tap 8100:10 8100:10 10.10.0.7/24 10.10.0.1/24
    traffic ping 10.10.0.1 3
    get http://10.10.0.1/index.html
    vxlan
    traffic ping 192.168.42.1 3
    get http://192.168.42.1/index.html
    for page in index.html style.css missing.html index.html; do
        get -4 "http://www.example/$page"
        get -6 "http://seed.example/$page"
        traffic dns 10.0.0.53 MX example
    done
    traffic dns 10.0.0.53 TXT long.example tcp
    traffic ping 10.0.0.1 10
    traffic ping fd00::1 6
    traffic ping 10.0.0.99 1 || true
    recorded
}

# Two interfaces, nanoseconds, pcapng.
two_interfaces() {
    web
    names
    ip netns exec "$client" tshark -q -i eth0 -i lo -w "$work/two-interfaces.pcapng" >/dev/null 2>"$work/tcpdump.log" &
    recorder=$!
    pids+=("$recorder")
    file=two-interfaces.pcapng
    until_ok grep -q "Capture started" "$work/tcpdump.log"
    sleep 1
    get http://seed.example/index.html
    traffic ping 127.0.0.1 2
    traffic ping 10.0.0.1 2
    traffic udp 127.0.0.1 9999 "to myself"
    recorded
}

# Raw IP: a tun device has no link header.
raw_ip() {
    web
    link tun0 tun 02:00:00:00:00:01 02:00:00:00:00:07 10.20.0.7/24 10.20.0.1/24
    record raw-ip.pcap -i tun0 --time-stamp-precision=nano
    traffic ping 10.20.0.1 3
    get http://10.20.0.1/index.html
    traffic udp 10.20.0.1 9999 "is anybody there?"
    recorded
}

# All devices at once: "cooked" headers, version 2.
cooked() {
    web
    names
    record cooked.pcap -i any -y LINUX_SLL2
    get http://seed.example/index.html
    traffic ping 127.0.0.1 2
    traffic ping 10.0.0.1 2
    recorded
}

# ---- files the services need ----

files() {
    mkdir -p "$work/site" "$work/temp"
    cat >"$work/site/index.html" <<'HTML'
<!doctype html>
<title>seed.example</title>
<link rel=stylesheet href=style.css>
<h1>It works</h1>
<p>A page for the captures of bpfscope.
HTML
    echo 'body { font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 40rem }' >"$work/site/style.css"
    seq -f 'line %04g of a text which needs more than one segment' 1 400 >"$work/site/large.txt"
    echo "nameserver 10.0.0.53" >"$work/resolv.conf"
    # Workers of nginx run as another user.
    chmod -R a+rX "$work"
    cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid;
error_log $work/error.log;
worker_processes 1;
events {}
http {
    access_log off;
    server_tokens off;
    types { text/html html; text/css css; text/plain txt; }
    client_body_temp_path $work/temp/a; proxy_temp_path $work/temp/b; fastcgi_temp_path $work/temp/c;
    uwsgi_temp_path $work/temp/d; scgi_temp_path $work/temp/e;
    server {
        listen 80;
        listen [::]:80;
        root $work/site;
        location = /form { return 303 /index.html; }
    }
}
CONF
    cat >"$work/dnsmasq.conf" <<CONF
port=53
interface=eth0
interface=vxlan42
bind-dynamic
no-resolv
no-hosts
user=root
pid-file=
local=/example/
local=/invalid/
host-record=seed.example,10.0.0.1,fd00::1
host-record=mail.example,10.0.0.1
cname=www.example,seed.example
mx-host=example,mail.example,10
txt-record=example,"v=bpfscope"
srv-host=_http._tcp.example,seed.example,80
txt-record=long.example,$(printf 'a text record too long for one datagram, %.0s' 1 2 3 4 5),$(printf 'and more, %.0s' $(seq 20)),$(printf 'and more, %.0s' $(seq 20)),$(printf 'and more, %.0s' $(seq 20))
local-ttl=60
CONF
}

# The file for each, and the words for the index.
captures=(
    "mix|mix.pcap|mix|A bit of everything|Web, DNS, ping, ARP, IPv6, a VLAN and a VXLAN tunnel: many protocols to count"
    "http|http.pcap|http|Web pages|A browser's day: GET, HEAD, POST, a missing page, and a text of many segments"
    "dns|dns.pcap|dns|Name look-ups|Ten kinds of question, names that do not exist, and an answer that needs TCP"
    "tcp-retransmission|tcp-retransmission.pcap|tcp_retransmission|TCP repeats itself|Two lost SYNs, a handshake, lost data sent again, a refused connection"
    "arp-icmp|arp-icmp.pcap|arp_icmp|ARP and ping|Who has this address, echo and reply, fragments, a port that is closed, a host that is not there"
    "ipv6-nd|ipv6-nd.pcap|ipv6_nd|IPv6 finds its neighbours|Duplicate address detection, router advertisements, neighbour discovery, ping, a web page"
    "vlan|vlan.pcap|vlan|VLAN tags|Ping and a web page with one tag (VLAN 10) and with two (100 around 10)"
    "vxlan|vxlan.pcap|vxlan_tunnel|A VXLAN tunnel|ARP, ping, a web page and DNS inside network 42, over UDP port 4789"
    "two-interfaces|two-interfaces.pcapng|two_interfaces|Two interfaces (pcapng)|eth0 and loopback in one pcapng, times in nanoseconds"
    "raw-ip|raw-ip.pcap|raw_ip|Raw IP|A tun device: packets that start with the IP header, times in nanoseconds"
    "cooked|cooked.pcap|cooked|Linux cooked|All devices at once: tcpdump -i any, with cooked headers"
)

count() { tcpdump --count -r "$1" 2>/dev/null | cut -d' ' -f1; }

index() {
    local separator="" entry name file title words packets
    echo "["
    for entry in "${captures[@]}"; do
        IFS='|' read -r name file _ title words <<<"$entry"
        packets=$(count "$here/$file")
        printf '%s  {"name": "%s", "file": "%s", "title": "%s", "packets": %d, "description": "%s"}' \
            "$separator" "$name" "$file" "$title" "$packets" "$words"
        separator=$',\n'
    done
    printf '\n]\n'
}

files
for entry in "${captures[@]}"; do
    IFS='|' read -r name file make _ <<<"$entry"
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
    lab_up
    link_up
    "$make"
    lab_down
    echo "$file: $(count "$here/$file") packets, $(stat -c %s "$here/$file") bytes"
done
index >"$here/index.json"
