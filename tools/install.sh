#!/usr/bin/env bash
# Installs the Debian packages of the programs named as arguments, where they are missing.
#
#   tools/install.sh prometheus promtool python3-venv
#
# Nothing is touched when all are present. Services of new packages are neither started nor enabled:
# the tests start the programs themselves, on ports of their own.
set -euo pipefail

package_of() {
    case $1 in
    prometheus | promtool) echo prometheus ;;
    prometheus-alertmanager | amtool) echo prometheus-alertmanager ;;
    prometheus-node-exporter) echo prometheus-node-exporter ;;
    postgres) echo postgresql ;;
    victoria-metrics | vmalert) echo victoria-metrics ;;
    python3) echo python3 ;;
    python3-venv) echo python3-venv ;;
    cc) echo "gcc libc6-dev" ;;
    make) echo make ;;
    curl) echo curl ;;
    jq) echo jq ;;
    valgrind) echo valgrind ;;
    busctl) echo systemd ;;
    etcd) echo etcd-server ;;
    dbus-daemon) echo dbus ;;
    setpriv | unshare) echo util-linux ;;
    dockerd) echo docker.io ;;
    busybox) echo busybox-static ;;
    chromium) echo "chromium fonts-inter fonts-liberation" ;;
    dpkg-deb) echo dpkg ;;
    dpkg-shlibdeps) echo dpkg-dev ;;
    help2man) echo help2man ;;
    ip) echo iproute2 ;;
    lintian) echo lintian ;;
    mmdebstrap) echo mmdebstrap ;;
    openssl) echo openssl ;;
    systemd-analyze) echo systemd ;;
    *) return 1 ;;
    esac
}

present() {
    if [[ $1 == python3-venv ]]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null
    elif [[ $1 == postgres ]]; then
        # Debian keeps each version in a folder of its own, outside of PATH.
        compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
    elif [[ $1 == busybox ]]; then
        # Only the static one runs in an image that holds nothing else.
        [[ $(dpkg-query --show --showformat='${Status}' busybox-static 2>/dev/null) == *' installed' ]]
    else
        # Some are in folders that only root has on its PATH.
        PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null
    fi
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

# Sets `missing` and `packages` to those of the programs that are not there.
look_for() {
    missing=() packages=()
    local program names
    for program in "$@"; do
        if ! names=$(package_of "$program"); then
            echo "install.sh: '$program' is not a program it knows" >&2
            exit 2
        fi
        if ! present "$program"; then
            missing+=("$program")
            read -ra names <<<"$names"
            packages+=("${names[@]}")
        fi
    done
}

look_for "$@"
if ((${#missing[@]} == 0)); then
    exit 0
fi
# One of us at a time, for the switch below is everybody's; whoever has waited looks again.
exec {lock}<"${BASH_SOURCE[0]}"
flock "$lock"
look_for "$@"
if ((${#missing[@]} == 0)); then
    exit 0
fi

echo "missing: ${missing[*]}" >&2
if ! command -v apt-get >/dev/null; then
    echo "This machine has no apt-get. Install these programs yourself and put them on PATH: ${missing[*]}" >&2
    echo "(in Debian they come with: ${packages[*]})" >&2
    exit 1
fi
if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    echo "Neither root nor sudo. As root, run: apt-get install --no-install-recommends ${packages[*]}" >&2
    exit 1
fi

# Debian's own switch against starting services on installation; one that is there already stays.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 0755 "$policy"
fi
echo "installing: ${packages[*]}" >&2
# Others may be installing too, as a new machine does by itself.
for _ in {1..10}; do
    as_root apt-get update --quiet --quiet && break
    sleep 5
done
as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=300 install --yes --quiet --quiet --no-install-recommends "${packages[@]}" >/dev/null
if command -v systemctl >/dev/null; then
    for service in "${packages[@]}"; do
        as_root systemctl disable --quiet "$service.service" 2>/dev/null || true
    done
fi

for program in "${missing[@]}"; do
    if ! present "$program"; then
        echo "'$program' is still missing after installing its package" >&2
        exit 1
    fi
done
