#!/usr/bin/env bash
# One cell of the NAT laboratory: a relay in the open, and two peers behind the routers named.
#   lab.sh TRANSPORT DIALLER TARGET FOLDER JAVA CLASSPATH
# TRANSPORT: tcp or quic. DIALLER and TARGET: open, cone, port-restricted or symmetric; TARGET may be upnp or nat-pmp, too: a
# symmetric router that maps ports for who asks so. Runs in network and mount namespaces of its own, so that nothing of it is
# seen outside and all of it goes with the last process.
# TRANSPORT may also be js-dialler or js-target: TCP, with js-libp2p in that place.
#   lab.sh autonat VERSION TARGET FOLDER JAVA CLASSPATH
# What js-libp2p at the target finds out of us by this version of AutoNAT, and we of it.
#   lab.sh doctor WORD TARGET FOLDER JAVA CLASSPATH
# What `skerry doctor` says behind such a router once it says WORD, or at last: three daemons in the open, one at
# the target. TARGET may be blocked, too: a router that lets nothing through.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
if [ -z "${IN_LAB:-}" ]; then
  as=()
  [ "$(id -u)" -eq 0 ] || as=(--user --map-root-user)
  exec env IN_LAB=1 unshare "${as[@]}" --net --mount --pid --fork --kill-child "$0" "$@"
fi
transport=$1 dialler=$2 target=$3 folder=$4 java=$5 classpath=$6
port=4001
case $transport in
  tcp | js-*) listen=tcp/$port ;;
  quic) listen=udp/$port/quic-v1 ;;
  autonat | doctor) ;;
esac
js=$(dirname "$0")/../js/nat.mjs
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
mount --make-rprivate / 2>/dev/null || true
mount -t proc proc /proc 2>/dev/null || true # or the command looks for the daemon among other processes
ip link set lo up
ip link add wan type bridge
ip link set wan up

# namespace NAME with INTERFACE at ADDRESS on BRIDGE's namespace OWNER ("" is this one)
attach() {
  local name=$1 interface=$2 address=$3 owner=$4 bridge=$5
  ip link add "v-$interface" type veth peer name "$interface" netns "$name"
  if [ -n "$owner" ]; then ip link set "v-$interface" netns "$owner"; fi
  ${owner:+ip netns exec "$owner"} ip link set "v-$interface" master "$bridge" up
  ip netns exec "$name" ip addr add "$address" dev "$interface"
  ip netns exec "$name" ip link set "$interface" up
  ip netns exec "$name" ip link set lo up
}

# router NAME TYPE WAN-ADDRESS: its LAN is 192.168.1.0/24, the peer is .2
router() {
  local name=$1 type=$2 address=$3
  ip netns add "$name"
  attach "$name" "w$name" "$address/24" "" wan
  ip netns exec "$name" ip link add lan type bridge
  ip netns exec "$name" ip addr add 192.168.1.1/24 dev lan
  ip netns exec "$name" ip link set lan up
  ip netns exec "$name" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  local masquerade=masquerade cone= through=accept
  case $type in
    symmetric | upnp | nat-pmp) masquerade='masquerade fully-random' ;;
    blocked) through=drop ;;
    cone) cone="iifname \"w$name\" meta l4proto { tcp, udp } th dport $port dnat to 192.168.1.2" ;;
  esac
  ip netns exec "$name" nft -f - <<NFT
table ip nat {
  chain in { type nat hook prerouting priority dstnat; $cone; }
  chain out { type nat hook postrouting priority srcnat; oifname "w$name" $masquerade; }
}
table ip filter {
  chain mine { type filter hook input priority filter; iifname "w$name" drop; }
  chain through {
    type filter hook forward priority filter; policy drop;
    iifname "lan" $through
    ct state established,related accept
    ct status dnat accept
  }
}
NFT
  case $type in
    upnp) maps "$name" yes no ;;
    nat-pmp) maps "$name" no yes ;;
  esac
}

# maps NAME UPNP NAT-PMP: the router's daemon, which fills chains of its own
maps() {
  local name=$1 conf=$folder/miniupnpd.conf
  ip netns exec "$name" nft -f - <<NFT
table inet filter {
  chain forward { type filter hook forward priority filter - 1; jump miniupnpd; }
  chain prerouting { type nat hook prerouting priority dstnat; jump prerouting_miniupnpd; }
  chain postrouting { type nat hook postrouting priority srcnat; jump postrouting_miniupnpd; }
  chain miniupnpd { }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}
NFT
  printf '%s\n' "ext_ifname=w$name" listening_ip=lan ipv6_disable=yes "enable_upnp=$2" "enable_natpmp=$3" secure_mode=yes \
    uuid=6d8ce9f5-1a5b-4a1f-9b5c-0f8f0f1e2d3c > "$conf"
  ip netns exec "$name" miniupnpd -d -f "$conf" -P "/run/$name.pid" > "$folder/$name.out" 2> "$folder/$name.err" &
}

# peer NAME TYPE WAN-ADDRESS: sets "at" to the address that it has itself
peer() {
  local name=$1 type=$2 address=$3
  ip netns add "$name"
  if [ "$type" = open ]; then
    attach "$name" "e$name" "$address/24" "" wan
    at=$address
  else
    router "r$name" "$type" "$address"
    attach "$name" "e$name" 192.168.1.2/24 "r$name" lan
    ip netns exec "$name" ip route add default via 192.168.1.1
    at=192.168.1.2
  fi
}

# start NAME ROLE ARGUMENTS...
start() {
  local name=$1
  local program=("$java" -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -Xmx256m -cp "$classpath" org.skerry.interop.NatPeer)
  shift
  [ "$transport" != "js-$name" ] || program=(node "$js")
  ip netns exec "$name" "${program[@]}" "$@" > "$folder/$name.out" 2> "$folder/$name.err" &
}

# answer FILE WORD: waits for a line that begins with WORD and prints the rest
answer() {
  for _ in $(seq 600); do
    if grep -q "^$2 " "$folder/$1.out" 2>/dev/null; then
      sed -n "s/^$2 //p" "$folder/$1.out" | head -1
      return
    fi
    sleep 0.1
  done
  echo "no '$2' from $1 within a minute: $(tail -3 "$folder/$1.err")" >&2
  return 1
}

# skerry NAMESPACE HOME ARGUMENTS...
skerry() {
  local name=$1 home=$2
  shift 2
  ip netns exec "$name" env SKERRY_VOLUNTEER_TRAIN=false SKERRY_VOLUNTEER_EVALUATE=false SKERRY_LIMITS_MEMORY="600 MiB" \
    SKERRY_LIMITS_DISK="1 MiB" "$java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx128m --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -cp "$classpath" org.skerry.node.cli.Main "$@" --home "$folder/$home"
}

doctor() {
  local word=$1 bootstrap=() said i
  for i in 1 2 3; do
    ip netns add "open$i"
    attach "open$i" "eopen$i" "11.0.0.$i/24" "" wan
    skerry "open$i" "open$i" node run --listen "/ip4/0.0.0.0/tcp/$port" --listen "/ip4/0.0.0.0/udp/$port/quic-v1" \
      "${bootstrap[@]}" > "$folder/open$i.out" 2>&1 &
    bootstrap+=(--bootstrap "/ip4/11.0.0.$i/tcp/$port/p2p/$(id "open$i")")
  done
  peer target "$target" 11.0.0.20
  skerry target target node run --listen "/ip4/0.0.0.0/tcp/$port" --listen "/ip4/0.0.0.0/udp/$port/quic-v1" \
    "${bootstrap[@]}" > "$folder/target.out" 2>&1 &
  id target > "$folder/id"
  SECONDS=0
  until [ "$SECONDS" -gt 120 ] || skerry target target node status --json 2>&1 | grep -qE '"reach" : "(reachable|relayed)"' ||
    { [ "$word" = "cut off" ] && [ "$SECONDS" -gt 20 ]; }; do
    sleep 2
  done
  said=
  for _ in 1 2 3 4 5; do
    said=$(skerry target target doctor 2>&1) || true
    [[ $said != *"reach          $word:"* ]] || break
    sleep 10
  done
  echo "$said"
}

# id HOME: the peer of the daemon there, once it has made its key
id() {
  for _ in $(seq 600); do
    if [ -f "$folder/$1/control.json" ]; then
      skerry "$1" "$1" keys show | grep -o '12D3[0-9A-Za-z]*' | head -1
      return
    fi
    sleep 0.1
  done
  echo "the daemon at $1 does not start: $(tail -3 "$folder/$1.out")" >&2
  return 1
}

if [ "$transport" = doctor ]; then
  doctor "$dialler"
  exit
fi

# autonat VERSION
autonat() {
  ip netns add server
  attach server eserver 11.0.0.1/24 "" wan
  mkfifo "$folder/turn"
  start server reach "/ip4/11.0.0.1/tcp/$port" "$folder/turn"
  peer target "$target" 11.0.0.20
  ip netns exec target env AUTONAT="$1" node "$js" reach "/ip4/$at/tcp/$port" "$(answer server address)" \
    > "$folder/target.out" 2> "$folder/target.err" &
  answer target outcome
  echo > "$folder/turn"
  answer server verdict
}

if [ "$transport" = autonat ]; then
  autonat "$dialler"
  exit
fi

ip netns add relay
attach relay erelay 11.0.0.1/24 "" wan
peer target "$target" 11.0.0.20
target_at=$at
peer dialler "$dialler" 11.0.0.30
dialler_at=$at

start relay relay "/ip4/11.0.0.1/$listen"
relay_address=$(answer relay address)
case $target in
  upnp | nat-pmp) asks=mapped ;;
  *) asks=relayed ;;
esac
start target target "/ip4/$target_at/$listen" "$relay_address" "$asks"
target_addresses=$(answer target addresses)
# shellcheck disable=SC2086 # one argument an address
start dialler dialler "/ip4/$dialler_at/$listen" "$relay_address" $target_addresses
answer dialler outcome
