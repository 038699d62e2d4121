#!/usr/bin/env bash
# Checks what the packages and the manifests of deploy/ say, as far as nothing has to be built for it.
#
#   tools/lint_packages.sh FILE…      the files of rules
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/install.sh systemd-analyze
folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT
# The daemon is not installed here; test-deb looks at the unit where it is.
sed 's|=/usr/bin/smartcloudops |=/bin/true |' deploy/systemd/smartcloudops.service >"$folder/smartcloudops.service"
systemd-analyze verify --man=no "$folder/smartcloudops.service"
# In tenths: 1.2 with systemd 252, of 10. What is left is the network, and the sockets that actions need.
systemd-analyze security --offline=true --threshold=15 --no-pager deploy/systemd/smartcloudops.service >"$folder/security" ||
    { cat "$folder/security" >&2 && exit 1; }

tools/prometheus_rules.sh "$@" | diff --unified deploy/kubernetes/base/prometheusrules.yaml - ||
    { echo "deploy/kubernetes/base has other rules than rules/; write them with: make prometheus-rules" >&2 && exit 1; }

# One version for all.
version=$(sed -n '/^\[package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
for place in "Dockerfile:image.version=\"$version\"" "compose.yaml:image: smartcloudops:$version" \
    "deploy/kubernetes/base/kustomization.yaml:newTag: $version"; do
    grep --quiet --fixed-strings "${place#*:}" "${place%%:*}" ||
        { echo "${place%%:*} does not have the version of Cargo.toml, $version" >&2 && exit 1; }
done

# Grafana shows nothing, and says nothing, where its first page is not there.
home=$(sed -n 's|.*HOME_DASHBOARD_PATH: /var/lib/||p' compose.yaml)
[[ -f $home ]] || { echo "compose.yaml begins with $home, which is not there" >&2 && exit 1; }
