# The steps of the demo: functions for run.sh, which sets the variables they use.
# shellcheck shell=bash disable=SC2154,SC2034

started=$SECONDS

step() { printf '\n[%3d s] %s\n' "$((SECONDS - started))" "$*"; }
fail() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

# A port nothing listens on; taken from a range below the ephemeral ports.
free_port() {
  local port
  for _ in $(seq 200); do
    port=$((20000 + RANDOM % 10000))
    case " ${taken[*]-} " in *" $port "*) continue ;; esac
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      taken+=("$port")
      chosen=$port
      return
    fi
  done
  fail "no free port found"
}

choose_ports() {
  taken=()
  free_port && prometheus_address=127.0.0.1:$chosen
  free_port && alertmanager_address=127.0.0.1:$chosen
  free_port && node_address=127.0.0.1:$chosen
  free_port && shop_address=127.0.0.1:$chosen
  free_port && daemon_address=127.0.0.1:$chosen
}

# Fills in the templates beside this script.
write_configs() {
  local file
  for file in prometheus.yml alertmanager.yml smartcloudops.yml rules.yml; do
    sed -e "s|@prometheus@|$prometheus_address|g" -e "s|@alertmanager@|$alertmanager_address|g" \
      -e "s|@node@|$node_address|g" -e "s|@shop@|$shop_address|g" -e "s|@daemon@|$daemon_address|g" \
      -e "s|@work@|$work|g" "$here/$file" >"$work/$file"
  done
  # The shipped rules, evaluated as often as this Prometheus scrapes.
  sed 's/interval: 30s/interval: 1s/' "$project/rules/anomalies.yml" >"$work/anomalies.yml"
}

# start NAME COMMAND…: in the background, its output in a file.
start() {
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 &
  pids+=("$!")
}

start_everything() {
  start smartcloudops "$daemon" --config.file="$work/smartcloudops.yml" \
    --web.listen-address="$daemon_address" --storage.path="$work/data"
  start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
    --web.listen-address="$prometheus_address"
  start alertmanager prometheus-alertmanager --config.file="$work/alertmanager.yml" \
    --storage.path="$work/alertmanager" --web.listen-address="$alertmanager_address" --cluster.listen-address=
  start node prometheus-node-exporter --web.listen-address="$node_address"
  start_shop
  wait_for "Prometheus" curl -fs "http://$prometheus_address/-/ready"
  wait_for "Alertmanager" curl -fs "http://$alertmanager_address/-/ready"
  wait_for "the daemon" curl -fs "http://$daemon_address/-/ready"
}

# The shop is a node exporter that exports nothing but itself: any small server would do.
shop_command() {
  echo --start --background --make-pidfile --pidfile "$work/shop.pid" --exec /usr/bin/prometheus-node-exporter \
    -- --collector.disable-defaults "--web.listen-address=$shop_address"
}

start_shop() {
  # shellcheck disable=SC2046
  /sbin/start-stop-daemon $(shop_command) || fail "the shop does not start"
}

kill_shop() { kill -KILL "$(cat "$work/shop.pid")"; }

stop_everything() {
  local code=$?
  trap - EXIT
  stop_burning
  for pid in "${pids[@]-}"; do kill "$pid" 2>/dev/null || true; done
  [ -f "$work/shop.pid" ] && kill "$(cat "$work/shop.pid")" 2>/dev/null
  wait 2>/dev/null || true
  if [ "$code" -ne 0 ] && [ "$code" -ne 130 ]; then
    for log in "$work"/*.log; do
      printf '\n== the end of %s\n' "$(basename "$log")" >&2
      tail -n 15 "$log" >&2
    done
  fi
  rm -rf "$work"
  exit "$code"
}

# Niced, so that the servers of the demo keep their share.
burners=()
burn_cpu() {
  local _
  for _ in $(seq $((8 * $(nproc)))); do
    nice -n 19 bash -c 'while :; do :; done' &
    burners+=("$!")
  done
}

stop_burning() {
  for pid in "${burners[@]-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null; done
  burners=()
}

# wait_for WHAT COMMAND…: until the command succeeds, or the demo's time is up.
wait_for() {
  local what=$1
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$what was not seen in time"
    sleep 0.5
  done
}

# see WHAT COMMAND…: the same, printing what was seen.
see() {
  local what=$1
  shift
  wait_for "$what" "$@"
  printf '[%3d s] seen: %s\n' "$((SECONDS - started))" "$what"
  "$@" | sed 's/^/          /' | head -n 3
}

# query EXPRESSION: its result, a line a series; fails while there is none.
query() {
  curl -fsS --get --data-urlencode "query=$1" "http://$prometheus_address/api/v1/query" |
    jq -er '.data.result | if length == 0 then empty else .[] | "\(.metric | del(.job) | tojson) \(.value[1])" end'
}

# episode ALERTNAME: the alert as the daemon knows it.
episode() {
  curl -fsS "http://$daemon_address/api/v1/alerts?state=all" |
    jq -er --arg name "$1" '[.data[] | select(.alert.labels.alertname == $name)]
      | if length == 0 then empty else .[0] | "episode \(.id.fingerprint), \(.alert.status), first seen \(.first_seen)" end'
}

# run_begun POLICY: what was done.
run_begun() {
  curl -fsS "http://$daemon_address/api/v1/remediations" |
    jq -er --arg policy "$1" '[.data[] | select(.plan.key.policy == $policy)]
      | if length == 0 then empty else .[0] | "run \(.id) on \(.plan.key.target), begun \(.begun_at)" end'
}

# run_outcome POLICY OUTCOME: how it ended.
run_outcome() {
  curl -fsS "http://$daemon_address/api/v1/remediations" |
    jq -er --arg policy "$1" --arg outcome "$2" '[.data[] | select(.plan.key.policy == $policy and .ended[1] == $outcome)]
      | if length == 0 then empty else .[0] | "run \(.id): \(.ended[1]) at \(.ended[0]), proof: \(.plan.steps[0].verify.expr)" end'
}

# The detector scores once it has seen enough samples; a score above zero says that it does.
learn() {
  wait_for "the first score" query 'max(anomaly_score{query="cpu_run_queue"}) > 0'
}
