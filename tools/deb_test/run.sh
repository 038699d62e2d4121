#!/usr/bin/env bash
# Installs the package in a clean root and has it run there: `make test-deb`.
#
#   tools/deb_test/run.sh [FILE.deb]      as root
#
# The root is made by mmdebstrap and thrown away; this machine's packages, services and network stay as they are.
# Nothing there is the system's systemd: installed.sh says how it does without.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ((EUID != 0)); then
    echo "run it as root: it makes a root file system and namespaces" >&2
    exit 1
fi
package=${1:-$(printf '%s\n' target/package/*.deb | sort --version-sort | tail -n 1)}
if [[ ! -f $package ]]; then
    echo "there is no package; make one with: make deb" >&2
    exit 1
fi
tools/install.sh mmdebstrap unshare lintian ip
printf 'package: %s, %d bytes\n' "$(basename "$package")" "$(stat --format=%s "$package")"

lintian --fail-on error,warning --tag-display-limit 0 --allow-root "$package"
echo "lintian: nothing to say"

folder=$(mktemp --directory)
trap 'rm -rf --one-file-system "$folder"' EXIT
# What it was built on is what it runs on. polkitd and dbus are for the rule that lets it act on units.
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mmdebstrap --quiet --variant=minbase --include=ca-certificates,systemd,dbus,polkitd "$suite" "$folder/root"
install -D -m 0644 --target-directory="$folder/root/test" "$package" tools/deb_test/installed.sh
mv "$folder/root/test/$(basename "$package")" "$folder/root/test/smartcloudops.deb"

# A root of its own rather than chroot, in which systemd would not start units. The inner shell expands.
# shellcheck disable=SC2016
unshare --mount --pid --net --fork --kill-child bash -euc '
    ip link set lo up
    mount --bind "$0" "$0"
    cd "$0"
    mount -t proc proc proc
    mount --rbind --make-rslave /sys sys
    mount --rbind --make-rslave /dev dev
    mount -t tmpfs tmpfs run
    mount -t tmpfs tmpfs tmp
    mkdir -p old
    pivot_root . old
    umount --lazy old
    # What systemd mounts for a service from a name space of its own is to be seen in this one.
    mount --make-rshared /
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash /test/installed.sh
    exit $?' "$folder/root"
