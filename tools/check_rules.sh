#!/usr/bin/env bash
# Checks rules/ by Prometheus's own tools, runs their tests, and has VictoriaMetrics's vmalert read them too.
#
#   tools/check_rules.sh
#
# Needs promtool and vmalert. vmalert 1.79, Debian's, does not know `keep_firing_for` yet (1.91 does): it reads
# copies without it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

promtool check rules --lint=all --lint-fatal rules/*.yml
promtool test rules rules/tests/*.yml

copies=$(mktemp --directory)
trap 'rm -r "$copies"' EXIT
for file in rules/*.yml; do
    sed '/^ *keep_firing_for: /d' "$file" >"$copies/${file##*/}"
done
if ! said=$(vmalert -dryRun -rule="$copies/*.yml" 2>&1); then
    printf '%s\n' "$said" >&2
    exit 1
fi
echo "vmalert reads all of them"
