#!/usr/bin/env bash
# The part of run.sh in the clean root, with a network and processes of its own.
#
# The daemon runs twice: by its ExecStart as its user, and by its unit under a systemd of root's session, which sets up
# the same sandbox as the system's would: name spaces, system calls, credentials.
set -euo pipefail

fail() {
    printf 'FAILED: %s\n' "$@" >&2
    exit 1
}

wait_for() {
    local what=$1 deadline=$((SECONDS + 90))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || fail "$what:" "$(tail -n 20 /tmp/*.log)"
        sleep 0.2
    done
}

# Bash opens the socket itself. In a shell of its own, which a refused connection may end.
answers() (
    exec 3<>/dev/tcp/127.0.0.1/9494
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
    IFS= read -r -t 5 line <&3
    [[ $line == *' 200 '* ]]
)

package() {
    DEBIAN_FRONTEND=noninteractive dpkg --force-confold "$@" >/tmp/dpkg.log 2>&1 ||
        fail "dpkg $*:" "$(cat /tmp/dpkg.log)"
}

installs() {
    package --install /test/smartcloudops.deb
    [[ $(getent passwd smartcloudops) == *:/var/lib/smartcloudops:/usr/sbin/nologin ]] || fail "its user is not there"
    [[ -L /etc/systemd/system/multi-user.target.wants/smartcloudops.service ]] || fail "its unit is not enabled"
    [[ $(stat --format=%a:%U /etc/smartcloudops/secrets) == 700:root ]] || fail "others may look at its secrets"
    smartcloudops check /etc/smartcloudops/smartcloudops.yml
    systemd-analyze verify --man=no "$unit"
    echo "installed: user, unit, configuration"
}

runs_as_its_user() {
    local line daemon
    install -d -o smartcloudops -g smartcloudops -m 0750 /var/lib/smartcloudops
    read -ra line < <(sed -n 's/^ExecStart=//p' "$unit" | sed 's/ [$]ARGS//')
    setpriv --reuid=smartcloudops --regid=smartcloudops --init-groups --no-new-privs --bounding-set=-all \
        "${line[@]}" >/tmp/daemon.log 2>&1 &
    daemon=$!
    wait_for "it does not get ready" answers /-/ready
    answers /metrics || fail "it does not show its metrics"
    kill -HUP "$daemon"
    wait_for "it is not there after SIGHUP" answers /-/healthy
    kill -TERM "$daemon"
    wait "$daemon" || fail "SIGTERM ends it with $?:" "$(tail /tmp/daemon.log)"
    [[ $(stat --format=%U:%a /var/lib/smartcloudops/journal.sqlite) == smartcloudops:6?? ]] ||
        fail "its journal is not its own"
    echo "run by its user: ready, reloaded, ended by SIGTERM with 0"
}

# The manager of a session finds units and keeps state below this folder; what must not be seen it mounts these over.
starts_systemd() {
    export XDG_RUNTIME_DIR=/run/session XDG_CONFIG_HOME=/var/lib
    local nodes=/run/systemd/inaccessible
    mkdir -p /run/systemd/system $nodes "$XDG_RUNTIME_DIR" /var/lib/systemd/user
    mkdir -m 0 $nodes/dir
    mknod -m 0 $nodes/chr c 0 0
    mknod -m 0 $nodes/blk b 0 0
    touch $nodes/reg
    cp "$unit" /var/lib/systemd/user/
    /lib/systemd/systemd --user >/tmp/systemd.log 2>&1 &
    wait_for "systemd does not start" systemctl --user is-system-running
}

runs_in_its_sandbox() {
    (umask 0077 && echo "for root's eyes" >/etc/smartcloudops/secrets/webhook.token)
    starts_systemd
    systemctl --user start smartcloudops.service || fail "$(systemctl --user status smartcloudops.service)"
    wait_for "it does not get ready in its sandbox" answers /-/ready
    systemctl --user reload smartcloudops.service
    wait_for "it is not there after a reload" answers /-/healthy
    local pid status
    pid=$(systemctl --user show --property MainPID --value smartcloudops.service)
    status=$(sed -n 's/^\(Uid\|CapBnd\|NoNewPrivs\|Seccomp\):\s*\([0-9a-f]*\).*/\1=\2/p' "/proc/$pid/status" | xargs)
    [[ $status == "Uid=$(id -u smartcloudops) CapBnd=0000000000000000 NoNewPrivs=1 Seccomp=2" ]] || fail "$status"
    nsenter --target "$pid" --mount setpriv --reuid=smartcloudops --regid=smartcloudops --clear-groups \
        cat "$XDG_RUNTIME_DIR/credentials/smartcloudops.service/secrets_webhook.token" >/tmp/secret ||
        fail "it cannot read its secret"
    nsenter --target "$pid" --mount touch /etc/smartcloudops/mine 2>/dev/null && fail "it could write to /etc"
    systemctl --user stop smartcloudops.service
    [[ $(systemctl --user show --property Result --value smartcloudops.service) == success ]] ||
        fail "it does not stop in order"
    echo "run by its unit: $status, reloaded, its secret read, stopped"
}

is_of() {
    [[ $(stat --format=%U "/proc/$2") == "$1" ]]
}

# yes or no: unit, verb, and who asks.
may() {
    local expected=$1 unit=$2 verb=$3 user=$4 answer=no asker
    setpriv --reuid="$user" --regid=nogroup --clear-groups sleep 60 &
    asker=$!
    wait_for "a process of $user" is_of "$user" "$asker"
    pkcheck --action-id org.freedesktop.systemd1.manage-units --process "$asker" --detail unit "$unit" \
        --detail verb "$verb" >/dev/null 2>&1 && answer=yes
    kill "$asker"
    [[ $answer == "$expected" ]] || fail "may $user $verb $unit? $answer"
}

may_act_on_its_units() {
    cp /usr/share/doc/smartcloudops/examples/50-smartcloudops.rules /etc/polkit-1/rules.d/
    mkdir -p /run/dbus
    dbus-daemon --system --fork
    /usr/lib/polkit-1/polkitd --no-debug >/tmp/polkit.log 2>&1 &
    wait_for "polkit does not answer" pkaction --action-id org.freedesktop.systemd1.manage-units
    may yes app.service restart smartcloudops
    may yes app.service stop smartcloudops
    may no ssh.service restart smartcloudops
    may no app.service kill smartcloudops
    may no app.service restart nobody
    echo "polkit's rule: the units and verbs that it names, for its user alone"
}

keeps_what_was_changed() {
    echo "# changed" >>/etc/smartcloudops/smartcloudops.yml
    package --install /test/smartcloudops.deb
    grep --quiet '^# changed' /etc/smartcloudops/smartcloudops.yml || fail "an upgrade undoes a change"
    package --remove smartcloudops
    [[ -e /etc/smartcloudops/secrets/webhook.token && -e /var/lib/smartcloudops/journal.sqlite && ! -e $unit ]] ||
        fail "a removal takes too much, or too little"
    package --purge smartcloudops
    local left
    # Of /var/tmp systemd takes care by itself.
    left=$(find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp \) -prune -o \
        -path '*smartcloudops*' -print | grep --invert-match --extended-regexp '^/(test|var/lib/systemd|etc/polkit-1)/' || true)
    [[ -z $left ]] || fail "left after a purge:" "$left"
    echo "upgraded, removed, purged: nothing lost, nothing left"
}

unit=/usr/lib/systemd/system/smartcloudops.service
installs
runs_as_its_user
runs_in_its_sandbox
may_act_on_its_units
keeps_what_was_changed
