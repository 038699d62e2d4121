#!/usr/bin/env bash
# Installs what this host is for, from a folder that was fetched and checked; again and again with the same result.
#
#   install.sh FOLDER
#
# FOLDER/install.env says what and from where. Nothing is started before its configuration has been checked.
set -euo pipefail
umask 022

folder=${1:?names the folder with what is to be installed}
set -a
# shellcheck source=/dev/null
source "$folder/install.env"
set +a
# shellcheck source=terraform/host/files/release.sh
source "$folder/release.sh"

# A user for a program, without a shell or a home.
add_user() {
    if ! id -u "$1" >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --home-dir / --shell /sbin/nologin "$1"
    fi
}

# Without it the kernel kills a package manager beside five programs in a gigabyte.
add_swap() {
    if [[ ! -e /swapfile ]]; then
        (umask 077 && dd if=/dev/zero of=/swapfile.new bs=1M count="$SWAP_MIB" status=none)
        mkswap /swapfile.new >/dev/null
        mv /swapfile.new /swapfile
        printf '[Unit]\nDescription=Swap\n\n[Swap]\nWhat=/swapfile\n\n[Install]\nWantedBy=swap.target\n' \
            >/etc/systemd/system/swapfile.swap
    fi
    systemctl daemon-reload
    systemctl enable --quiet swapfile.swap
    systemctl start swapfile.swap
}

# Units are rendered here: systemd knows no variables for addresses that users name.
add_unit() {
    sed -e "s|@LISTEN_PROMETHEUS@|$LISTEN_PROMETHEUS|" \
        -e "s|@LISTEN_DAEMON@|$LISTEN_DAEMON|" \
        -e "s|@LISTEN_NODE_EXPORTER@|$LISTEN_NODE_EXPORTER|" \
        "$folder/units/$1.service" >"/etc/systemd/system/$1.service"
    chmod 0644 "/etc/systemd/system/$1.service"
}

start() {
    systemctl daemon-reload
    systemctl enable --quiet "${@/%/.service}"
    systemctl restart "${@/%/.service}"
}

add_swap
add_user node_exporter
add_release node_exporter node_exporter
add_unit node_exporter
start node_exporter
if [[ $ROLE == monitoring ]]; then
    # shellcheck source=terraform/host/files/monitoring.sh
    source "$folder/monitoring.sh"
fi
echo "installed: $ROLE"
