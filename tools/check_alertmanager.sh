#!/usr/bin/env bash
# Checks the example of Alertmanager's configuration: that it is valid, that each alert gets where it should,
# and that a message has whole addresses.
#
#   tools/check_alertmanager.sh
#
# Needs amtool. Inhibition is not asked of it: that takes a running Alertmanager (tests/integration).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../deploy/compose"

amtool check-config alertmanager.yml

# What a shared cause explains is so on AWS too.
inhibition() {
    sed -n '/^inhibit_rules:/,/^receivers:/p' "$1"
}
diff --unified <(inhibition alertmanager.yml) <(inhibition ../../terraform/host/files/alertmanager.yml)

# Receivers, and the labels of an alert that gets to exactly these.
while read -r receivers labels; do
    read -ra labels <<<"$labels"
    amtool config routes test --config.file=alertmanager.yml --verify.receivers="$receivers" "${labels[@]}"
done <<'ROUTES'
smartcloudops,heartbeat alertname=Watchdog severity=none
smartcloudops,people alertname=SmartcloudopsDown severity=critical
smartcloudops,people alertname=AnomalyDetected severity=warning query=node_cpu_busy
smartcloudops,people alertname=AlertOfOthers
smartcloudops,nobody alertname=AnomalyNewLevel severity=info
ROUTES

message=$(amtool template render --template.glob=links.tmpl --template.data=/dev/stdin \
    --template.text='{{ template "smartcloudops.title" . }}{{ "\n" }}{{ template "smartcloudops.text" . }}' <<'DATA'
{
  "status": "firing",
  "commonLabels": {"alertname": "AnomalousHost", "instance": "db1:9100"},
  "alerts": [
    {
      "status": "firing",
      "labels": {"alertname": "AnomalousHost", "instance": "db1:9100"},
      "annotations": {
        "summary": "db1:9100 behaves unlike itself",
        "runbook_url": "/docs/runbooks/AnomalousHost.md",
        "dashboard": "/d/smartcloudops-host?var-instance=db1%3A9100"
      }
    },
    {"status": "firing", "labels": {"alertname": "Other"}, "annotations": {"runbook_url": "https://other.example.org/x"}}
  ]
}
DATA
)
while read -r line; do
    if ! grep --quiet --fixed-strings --line-regexp -- "$line" <<<"$message"; then
        printf 'a message has no line «%s»:\n%s\n' "$line" "$message" >&2
        exit 1
    fi
done <<'LINES'
[FIRING 2] AnomalousHost on db1:9100
db1:9100 behaves unlike itself
Runbook: https://git.example.org/ops/smartcloudops/blob/main/docs/runbooks/AnomalousHost.md
Dashboard: http://127.0.0.1:3000/d/smartcloudops-host?var-instance=db1%3A9100
Runbook: https://other.example.org/x
Explained: http://127.0.0.1:9494/explain?format=text&alertname=Other
LINES
