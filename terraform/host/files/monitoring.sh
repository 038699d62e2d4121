# shellcheck shell=bash
# Prometheus, Alertmanager, Grafana and the daemon. Sourced by install.sh.
: "${folder:?is set by install.sh}"

# add_secret NAME: makes a random word once, for root alone.
add_secret() {
    local file=/etc/smartcloudops/secrets/$1
    if [[ ! -s $file ]]; then
        (umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$file.new")
        mv "$file.new" "$file"
    fi
}

# share_secret NAME USER FILE: a copy that this user may read.
share_secret() {
    install -o root -g "$2" -m 0640 "/etc/smartcloudops/secrets/$1" "$3"
}

add_programs() {
    add_release prometheus prometheus promtool
    add_release alertmanager alertmanager amtool
    install -m 0755 "$folder/bin/smartcloudops" /usr/local/bin/smartcloudops
    # One that was built for a newer C library says so here, not in a loop of restarts.
    /usr/local/bin/smartcloudops --version
}

# From Grafana's own repository, signed by the key that the settings name and no other.
add_grafana() {
    local key=/etc/pki/rpm-gpg/RPM-GPG-KEY-grafana fingerprints
    download "$GRAFANA_URL/gpg.key" "$folder/grafana.key"
    fingerprints=$(gpg --homedir "$folder" --batch --quiet --show-keys --with-colons "$folder/grafana.key" |
        awk -F: '$1 == "pub" { primary = 1 } $1 == "fpr" && primary { print $10; primary = 0 }')
    if [[ $fingerprints != "$GRAFANA_KEY_FINGERPRINT" ]]; then
        echo "the key of $GRAFANA_URL has the fingerprint '$fingerprints', not $GRAFANA_KEY_FINGERPRINT" >&2
        exit 1
    fi
    install -D -m 0644 "$folder/grafana.key" "$key"
    install -d -m 0755 /etc/yum.repos.d
    printf '[grafana]\nname=Grafana\nbaseurl=%s\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file://%s\n' \
        "$GRAFANA_URL" "$key" >/etc/yum.repos.d/grafana.repo
    dnf install --assumeyes --quiet --setopt=install_weak_deps=False "grafana-$GRAFANA_VERSION"
}

add_configurations() {
    install -d -m 0755 /etc/smartcloudops
    install -d -m 0700 /etc/smartcloudops/secrets
    # Rules and dashboards that are gone here shall be gone there.
    rm -rf /etc/prometheus/rules /etc/grafana/smartcloudops
    install -d -m 0755 /etc/prometheus/rules /etc/alertmanager /etc/grafana/smartcloudops
    install -m 0644 "$folder/prometheus/prometheus.yml" /etc/prometheus/prometheus.yml
    install -m 0644 "$folder"/prometheus/rules/*.yml /etc/prometheus/rules/
    install -m 0644 "$folder/alertmanager/alertmanager.yml" /etc/alertmanager/alertmanager.yml
    install -m 0644 "$folder/smartcloudops/smartcloudops.yml" /etc/smartcloudops/smartcloudops.yml
    install -o root -g grafana -m 0640 "$folder/grafana/grafana.ini" /etc/grafana/grafana.ini
    install -m 0644 "$folder"/grafana/dashboards/*.json /etc/grafana/smartcloudops/
    local kind
    for kind in dashboards datasources; do
        install -D -m 0644 "$folder/grafana/provisioning/$kind/smartcloudops.yml" \
            "/etc/grafana/provisioning/$kind/smartcloudops.yml"
    done
}

add_secrets() {
    local name
    for name in webhook.token scrape.token operator.token grafana.password; do
        add_secret "$name"
    done
    for name in webhook scrape operator; do
        share_secret "$name.token" smartcloudops "/etc/smartcloudops/$name.token"
    done
    share_secret webhook.token alertmanager /etc/alertmanager/webhook.token
    share_secret scrape.token prometheus /etc/prometheus/scrape.token
    share_secret grafana.password grafana /etc/grafana/admin.password
}

add_units() {
    local name
    for name in prometheus alertmanager smartcloudops; do
        add_unit "$name"
    done
    install -D -m 0644 "$folder/units/grafana-server.service.d/smartcloudops.conf" \
        /etc/systemd/system/grafana-server.service.d/smartcloudops.conf
}

for user in prometheus alertmanager smartcloudops; do
    add_user "$user"
done
add_programs
add_grafana
add_configurations
add_secrets
add_units
promtool check config /etc/prometheus/prometheus.yml
amtool check-config /etc/alertmanager/alertmanager.yml
smartcloudops check /etc/smartcloudops/smartcloudops.yml
start prometheus alertmanager smartcloudops grafana-server
