#!/bin/sh
# Boots a real systemd as process 1 of its own namespaces, over a read-only view of this machine with Gatehouse installed in it:
#   unshare --fork --kill-child --pid --mount --uts --ipc --cgroup systemd/test/boot.sh CHECKOUT SCRATCH
# SCRATCH/units: units to add, with boot-test.target to start. SCRATCH/site.yaml: the site file. What units write below /var/out
# is in SCRATCH/out. Nothing outside SCRATCH changes: everything else that is written goes to memory and is gone at the end.
set -eu
checkout=$1
scratch=$2
root=$scratch/root
mkdir "$root" "$scratch/out"
mount --make-rprivate /
mount --bind / "$root"
mount -o remount,bind,ro "$root"
for directory in run tmp var root mnt opt; do mount -t tmpfs tmpfs "$root/$directory"; done
mkdir "$root/mnt/etc"
cp -a /etc/. "$root/mnt/etc/"
mount --bind "$root/mnt/etc" "$root/etc"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount --bind /dev "$root/dev"
mkdir -p "$root/opt/gatehouse" "$root/run/systemd/system" "$root/var/out" "$root/var/tmp" "$root/var/lib" "$root/var/cache" "$root/var/log"
mount --bind "$checkout" "$root/opt/gatehouse"
mount -o remount,bind,ro "$root/opt/gatehouse"
mount --bind "$scratch/out" "$root/var/out"
cp "$scratch"/units/* "$root/run/systemd/system/"
systemd-sysusers --root="$root" "$checkout/systemd/units/gatehouse.sysusers.conf"
systemd-tmpfiles --root="$root" --create "$checkout/systemd/units/gatehouse.tmpfiles.conf"
# What systemd-timesyncd leaves behind: the clock is kept.
mkdir "$root/run/systemd/timesync"
touch "$root/run/systemd/timesync/synchronized"
cp "$scratch/site.yaml" "$root/etc/gatehouse/site/site.yaml"
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  chroot "$root" /lib/systemd/systemd --system --unit=boot-test.target --log-target=console
