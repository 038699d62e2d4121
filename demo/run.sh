#!/usr/bin/env bash
# The whole path on one machine, with real servers on loopback: a score crosses the line, an alert fires,
# a webhook arrives, a policy acts, the effect is proved, the explanation tells the story.
#
#   demo/run.sh          runs until Ctrl-C
#   demo/run.sh --once   ends by itself once everything has been seen
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$here")
# shellcheck source=demo/steps.sh
. "$here/steps.sh"

once=no
for argument in "$@"; do
  case $argument in
    --once) once=yes ;;
    *) fail "unknown argument '$argument'; the only one is --once" ;;
  esac
done

"$project/tools/install.sh" prometheus prometheus-alertmanager prometheus-node-exporter curl jq
step "Building the daemon (release, without the clients of AWS and Kubernetes)"
(cd "$project" && cargo build --release --no-default-features --bin smartcloudops)
daemon=${CARGO_TARGET_DIR:-$project/target}/release/smartcloudops

work=$(mktemp -d)
pids=()
trap stop_everything EXIT
trap 'exit 130' INT TERM
deadline=$((SECONDS + 290))

choose_ports
write_configs
step "Starting Prometheus, Alertmanager, node exporter, the shop and the daemon on loopback"
start_everything

step "Learning what is normal (about two minutes of one-second samples)"
learn

step "Burning CPU: eight busy loops on every core"
burn_cpu
see "the anomaly score" query "max(anomaly_score{query=\"cpu_run_queue\"}) >= 1"
see "the firing alert" query 'ALERTS{alertname="AnomalyDetected",alertstate="firing"}'
see "the webhook" episode AnomalyDetected
stop_burning

step "Killing the shop"
kill_shop
see "the firing alert" query 'ALERTS{alertname="ShopDown",alertstate="firing"}'
see "the webhook" episode ShopDown
see "the action" run_begun restart-shop
see "the verification" run_outcome restart-shop helped
see "the shop, back" query 'up{job="shop"} == 1'

step "The explanation"
curl -fsS "http://$daemon_address/explain?format=text" || fail "no explanation"
echo
curl -fsS "http://$daemon_address/api/v1/remediations" |
  jq -r '.data[] | "run \(.id): policy \(.plan.key.policy), target \(.plan.key.target), \(.ended[1] // "under way")"'

cat <<END

  daemon        http://$daemon_address/        (try /metrics, /explain, /status)
  Prometheus    http://$prometheus_address/    (try the expression anomaly_score)
  Alertmanager  http://$alertmanager_address/

END
if [ "$once" = yes ]; then
  step "Everything was seen; stopping what was started"
else
  echo "Running until Ctrl-C."
  wait "${pids[0]}"
fi
