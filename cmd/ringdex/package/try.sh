#!/usr/bin/env bash
# Tries the Debian package as an administrator would, in a clean Debian with its own systemd, users and network: install,
# configure with the wizard against the emulator, serve, look up, ports 389 and 636, reload, watchdog, backup and restore,
# upgrade and downgrade with the data kept, remove, purge; then what the documents tell an administrator to type, as it stands.
# Each step says what it found; the first that fails ends it. PARTS="package documents" may be one of the two.
#
# It needs root, debootstrap (apt-get install debootstrap) and a Debian mirror, and some 600 MB under TMPDIR. Nothing of the
# machine is changed. BASE=FOLDER keeps the bare Debian there for the next time. PREVIOUS=COMMIT is the version that is
# upgraded from: by default the oldest commit that has a package.
set -euo pipefail
cd "$(dirname "$0")/../../.."

skip() { echo "try.sh: skipped: $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip "needs root, to make a Debian and boot it"
[ "$(uname -s)" = Linux ] || skip "needs Linux"
command -v debootstrap >/dev/null || skip "no debootstrap: apt-get install debootstrap"

suite=${SUITE:-bookworm} mirror=${MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
base=${BASE:-$work/base}
init= cgroup=
cleanup() {
  if [ -n "$init" ]; then
    pkill -KILL -P "$init" 2>/dev/null || true # process 1 of the container takes all of it along
    wait "$init" 2>/dev/null || true
  fi
  if [ -n "$cgroup" ]; then find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
  git worktree remove --force "$work/previous" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT

if [ ! -e "$base/etc/debian_version" ]; then
  echo "== a bare Debian $suite"
  debootstrap --variant=minbase \
    --include=systemd,systemd-sysv,dbus,adduser,ca-certificates,ldap-utils,openssl,expect,curl,iproute2,cron,logrotate,procps,man-db \
    "$suite" "$base.part" "$mirror" >"$work/debootstrap.log" 2>&1 || { tail -5 "$work/debootstrap.log"; skip "debootstrap failed: is the mirror $mirror reachable?"; }
  mv "$base.part" "$base"
fi

[ -e "$base/usr/bin/expect" ] || { echo "try.sh: $base was made by an older try.sh: remove it" >&2; exit 1; }

echo "== packages: the previous version as 0.0.9, this one as 0.1.0"
previous=${PREVIOUS:-$(git log --diff-filter=A --format=%H -- cmd/ringdex/package/release.sh | tail -1)}
git worktree add -q --detach "$work/previous" "$previous"
parts=${PARTS:-package documents}
[[ $parts != *package* ]] || (cd "$work/previous" && VERSION=0.0.9 cmd/ringdex/package/release.sh "$work/debs" deb >/dev/null)
VERSION=0.1.0 cmd/ringdex/package/release.sh "$work/debs" deb >/dev/null
[[ $parts != *documents* ]] || VERSION=0.2.0 cmd/ringdex/package/release.sh "$work/debs" deb >/dev/null

root=$work/root
cp -a "$base" "$root"
install -d "$root/try"
rm -f "$root/usr/sbin/policy-rc.d" # left where debootstrap was interrupted: it forbids to start services
cp "$work"/debs/*.deb cmd/ringdex/package/try-*.{sh,exp} "$root/try/"
# The blocks of the documents that are for a server, a file each: DOCUMENT/HEADING.NUMBER.
for document in README.md soap/SALESFORCE.md cmd/ringdex/{OPERATIONS,TROUBLESHOOTING,DRILLS,SECURITY,SIZING}.md; do
  mkdir -p "$root/try/documents/$(basename "$document")"
  awk -v into="$root/try/documents/$(basename "$document")/" '
    /^#+ / && !inside { heading = $0; sub(/^#+ /, "", heading); gsub(/ /, "_", heading); number = 0 }
    /^ *```sh server$/ { inside = 1; indent = index($0, "`") - 1; file = into heading "." ++number; next }
    inside && /^ *```$/ { inside = 0; close(file); next }
    inside { print substr($0, indent + 1) > file }' "$document"
done
find "$root/try/documents" -type d -empty -delete

# A container by hand: systemd as process 1 with its own processes, mounts, name, cgroups and network.
cat >"$work/boot.sh" <<'BOOT'
set -e
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
hostname try
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
mount --make-rshared / # how systemd wants it, to hand credentials into services
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
BOOT
for at in /sys/fs/cgroup /sys/fs/cgroup/unified; do
  if [ -e "$at/cgroup.controllers" ]; then cgroup=$at/ringdex-try.$$; fi
done
[ -n "$cgroup" ] || skip "needs version 2 of the kernel's cgroups under /sys/fs/cgroup"
mkdir "$cgroup"
bash -c 'echo $$ >"$1/cgroup.procs"; exec unshare --pid --mount --uts --ipc --cgroup --net --fork --kill-child bash "$2" "$3"' \
  - "$cgroup" "$work/boot.sh" "$root" </dev/null >"$work/boot.log" 2>&1 &
init=$!
inside() { nsenter -t "$(pgrep -P "$init")" -m -p -C -u -i -n env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"; }
for i in $(seq 60); do
  if inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; then break; fi
  [ "$i" -lt 60 ] || { cat "$work/boot.log"; echo "try.sh: systemd did not come up in the container" >&2; exit 1; }
  sleep 1
done
echo "== booted: $(inside systemctl --version | head -1)"
if [[ $parts = *package* ]]; then inside bash /try/try-inside.sh; fi
if [[ $parts = *documents* ]]; then inside bash /try/try-documents.sh; fi
