#!/usr/bin/env bash
# Writes rules/ as PrometheusRule objects, so that a cluster has the very rules that are tested here.
#
#   tools/prometheus_rules.sh FILE…  >deploy/kubernetes/base/prometheusrules.yaml
#
# The `spec` of such an object is what a file of rules is, so each file becomes one, comments and all.
set -euo pipefail

echo "# Made from rules/ by \`make prometheus-rules\`; make lint compares."
for file in "$@"; do
    name=$(basename "$file" .yml)
    # The one of the daemon itself is called as the daemon is.
    [[ $name == smartcloudops ]] || name=smartcloudops-$name
    # No name of an object holds an underscore.
    name=${name//_/-}
    printf -- '---\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: %s\nspec:\n' "$name"
    sed 's/^./  &/' "$file"
done
