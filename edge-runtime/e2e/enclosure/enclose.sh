#!/bin/sh
# Runs a program in namespaces of its own and records all that it sends and writes; to be run by root:
#   unshare --fork --kill-child --pid --mount --net --uts --ipc enclose.sh CHECKOUT SCRATCH USER DIRECTORIES PROGRAM [ARGUMENT...]
#
# USER is the number of the user who runs it.
# Network: the program's namespace has one way out, into this script's namespace, where a name server and a sink answer for the whole
# internet (outside.ts). Files: it sees this machine through an overlay, so whatever it writes goes to memory and is gone at the end.
# DIRECTORIES (separated by ":") are made before, for what it may write, and SCRATCH/files is laid over it. Recorded in SCRATCH, by programs that know nothing of it:
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
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$memory/changed/$2,workdir=$memory/work/$2,index=on,nfs_export=on" "$3"
}
cover / root "$root"
# A checkout on a disk of its own is not part of what lies on the first.
[ "$(stat -c %d "$checkout")" = "$(stat -c %d /)" ] || cover "$checkout" checkout "$root$checkout"

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/tmp" "$root/var/tmp" "$root/run" "$root/home/operator"
for node in null zero full random urandom tty; do [ -e "$root/dev/$node" ] || cp -a "/dev/$node" "$root/dev/"; done
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
ln -sfT /proc/self/fd "$root/dev/fd"
chmod 1777 "$root/tmp" "$root/var/tmp" "$root/dev/shm"
rm -f "$root/etc/resolv.conf"
echo 'nameserver 192.0.2.1' > "$root/etc/resolv.conf"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
(IFS=:; for directory in $directories; do mkdir -p "$root$directory"; chown "$user:$user" "$root$directory"; done)
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
ip address add fd00::1/128 dev outside nodad
ip link set outside up
# Every address but the program's is taken for our own: somebody answers, whoever is meant.
ip route add 192.0.2.2/32 dev outside table local
ip route add local default dev lo table local
ip -6 route add fd00::2/128 dev outside table local
ip -6 route add local default dev lo table local
inside ip link set lo up
# Nothing is its neighbour but the way out: whatever it sends goes there, and is not lost in asking who has an address.
inside ip address add 192.0.2.2/32 dev inside
inside ip address add fd00::2/128 dev inside nodad
inside ip link set inside up
inside ip route add 192.0.2.1/32 dev inside
inside ip route add default via 192.0.2.1
inside ip -6 route add fd00::1/128 dev inside
inside ip -6 route add default via fd00::1

ready() { until grep -qs "$2" "$1"; do sleep 0.05; done; }
tcpdump -Z root -nn -tt -l --immediate-mode -i outside > "$scratch/packets" 2> "$scratch/packets.log" &
recorders=$!
ready "$scratch/packets.log" 'listening on'
inside tcpdump -Z root -nn -tt -l --immediate-mode -i lo 'port 53 or port 853 or port 5353' \
  > "$scratch/loopback" 2> "$scratch/loopback.log" &
recorders="$recorders $!"
ready "$scratch/loopback.log" 'listening on'
"$checkout/node_modules/.bin/node" "$checkout/edge-runtime/e2e/enclosure/outside.ts" > "$scratch/outside.log" 2>&1 &
recorders="$recorders $!"
ready "$scratch/outside.log" 'answering'
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
