#!/bin/sh
# Runs a program in namespaces of its own and records all that it sends and writes. Root starts it with
#   unshare --fork --kill-child --pid --mount --net --uts --ipc \
#     enclose.sh CHECKOUT SCRATCH USER DIRECTORIES PROGRAM [ARGUMENT...]
#
# Network: the program's namespace has one way out, into this script's namespace. There a name server and a
# sink answer for the whole internet (outside.ts). Files: the program sees this machine through an overlay, so
# everything it writes goes to memory and is gone at the end. USER is the number of the user who runs it.
# DIRECTORIES (separated by ":") are made before, for what it may write. SCRATCH/files is copied over all.
# Programs that know nothing of the product record in SCRATCH:
#   packets   what left its namespace, by tcpdump
#   loopback  what was asked on port 53, 853 or 5353 within it, by tcpdump
#   writes    every write, creation, removal and renaming, also of what is gone since, by fatrace
#   before, after   what the overlay held at the start and at the end
set -eu
checkout=$1
scratch=$2
user=$3
directories=$4
shift 4

mount --make-rprivate /
mount -t proc proc /proc
memory=$scratch/memory
mkdir "$memory"
mount -t tmpfs -o mode=755 tmpfs "$memory"
root=$memory/root
mkdir "$root" "$memory/changed" "$memory/work"

# fatrace needs nfs_export, to find a file by what the kernel calls it.
cover() {
  mkdir -p "$memory/changed/$2" "$memory/work/$2" "$3"
  layers="lowerdir=$1,upperdir=$memory/changed/$2,workdir=$memory/work/$2"
  mount -t overlay overlay -o "$layers,index=on,nfs_export=on" "$3"
}
cover / root "$root"
# A checkout on a disk of its own is not part of what lies on the first.
[ "$(stat -c %d "$checkout")" = "$(stat -c %d /)" ] || cover "$checkout" checkout "$root$checkout"

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/tmp" "$root/var/tmp" "$root/run" "$root/home/operator"
for node in null zero full random urandom tty; do
  [ -e "$root/dev/$node" ] || cp -a "/dev/$node" "$root/dev/"
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
ln -sfT /proc/self/fd "$root/dev/fd"
chmod 1777 "$root/tmp" "$root/var/tmp" "$root/dev/shm"
rm -f "$root/etc/resolv.conf"
echo 'nameserver 192.0.2.1' > "$root/etc/resolv.conf"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
for directory in $(echo "$directories" | tr : ' '); do
  mkdir -p "$root$directory"
  chown "$user:$user" "$root$directory"
done
chown "$user:$user" "$root/home/operator"
# Another user has to reach the checkout, wherever it lies.
parent=$checkout
while [ "$parent" != / ]; do chmod a+x "$root$parent"; parent=$(dirname "$parent"); done
[ ! -d "$scratch/files" ] || cp -r "$scratch/files/." "$root/"

# A process that does nothing holds the program's network namespace.
unshare --net sleep infinity &
holder=$!
until [ "$(readlink /proc/$holder/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
inside() { nsenter --net="/proc/$holder/ns/net" "$@"; }
ip link set lo up
ip link add outside type veth peer name inside
ip link set inside netns "$holder"
ip address add 192.0.2.1/32 dev outside
ip link set outside up
# Every address except the program's counts as our own, so that somebody answers for any host.
ip route add 192.0.2.2/32 dev outside table local
ip route add local default dev lo table local
inside ip link set lo up
# Its only neighbour is the way out, so all packets go there. In a shared network a packet to an address that
# nobody has would never be sent.
inside ip address add 192.0.2.2/32 dev inside
inside ip link set inside up
inside ip route add 192.0.2.1/32 dev inside
inside ip route add default via 192.0.2.1
# The same for IPv6, where this kernel has it.
if [ -d /proc/sys/net/ipv6 ]; then
  ip address add fd00::1/128 dev outside nodad
  ip -6 route add fd00::2/128 dev outside table local
  ip -6 route add local default dev lo table local
  inside ip address add fd00::2/128 dev inside nodad
  inside ip -6 route add fd00::1/128 dev inside
  inside ip -6 route add default via fd00::1
fi

recorders=
# recording FILE PATTERN: the program just started is a recorder; waits until it says so in FILE.
recording() {
  recorders="$recorders $!"
  until grep -qs "$2" "$1"; do
    kill -0 $! || { cat "$1" >&2; exit 1; }
    sleep 0.05
  done
}
tcpdump -Z root -nn -tt -l --immediate-mode -i outside > "$scratch/packets" 2> "$scratch/packets.log" &
recording "$scratch/packets.log" 'listening on'
inside tcpdump -Z root -nn -tt -l --immediate-mode -i lo 'port 53 or port 853 or port 5353' \
  > "$scratch/loopback" 2> "$scratch/loopback.log" &
recording "$scratch/loopback.log" 'listening on'
"$checkout/node_modules/.bin/node" "$checkout/edge-runtime/lab/e2e/enclosure/outside.ts" \
  > "$scratch/outside.log" 2>&1 &
recording "$scratch/outside.log" 'answering'
watch() {
  (cd "$1" && exec fatrace --current-mount --filter 'W+D<>' --output "$2") &
  watcher=$!
  recorders="$recorders $watcher"
  until grep -qs "$1/begin" "$2"; do
    # EX_UNAVAILABLE: older kernels give an overlay's files no name for it.
    kill -0 "$watcher" || exit 69
    : > "$1/begin"
    sleep 0.05
  done
  rm "$1/begin"
}
watch "$root" "$scratch/writes"
[ ! -d "$memory/changed/checkout" ] || watch "$root$checkout" "$scratch/writes-of-checkout"
(cd "$memory/changed" && find . -mindepth 2) > "$scratch/before"

status=0
inside chroot "$root" setpriv "--reuid=$user" "--regid=$user" --clear-groups \
  env -i PATH="$PATH" HOME=/home/operator "$@" || status=$?

(cd "$memory/changed" && find . -mindepth 2) > "$scratch/after"
# A recorder that ended before has missed something.
kill -0 $recorders
# The last of it is on its way to them.
until grep -qs "$root/end" "$scratch/writes"; do : > "$root/end"; sleep 0.05; done
kill $recorders
for recorder in $recorders; do wait "$recorder" || true; done
echo "$status" > "$scratch/status"
