#!/usr/bin/env bash
# Builds the image and runs it as hardened as it can be: `make image-test`.
#
#   tools/image_smoke.sh [ARGUMENT OF docker build…]
#   tools/image_smoke.sh --build-arg FEATURES=      # without the clients of AWS and Kubernetes
#
# Read-only, without a capability, as a user without a name: it answers, its health check turns healthy, its page
# asks for the token, and SIGTERM ends it with 0. Needs an engine of Docker that answers; IMAGE names an image that
# has been built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf 'FAILED: %s\n' "$@" >&2
    exit 1
}

folder=$(mktemp --directory)
container=
finish() {
    [[ -z $container ]] || docker rm --force --volumes "$container" >/dev/null
    rm -rf "$folder"
}
trap finish EXIT

wait_for() {
    local what=$1 deadline=$((SECONDS + 90))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || fail "$what:" "$(docker logs --tail 20 "$container" 2>&1)"
        sleep 0.5
    done
}

# The status of an answer, with or without the token; 000 without one.
status() {
    local path=$1
    shift
    curl --silent --output "$folder/body" --write-out '%{http_code}' --max-time 5 "$@" "http://$address$path" || true
}

answers() {
    [[ $(status /-/healthy) == 200 ]]
}

is_healthy() {
    [[ $(docker inspect --format '{{.State.Health.Status}}' "$container") == healthy ]]
}

label() {
    docker image inspect --format "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" "$image"
}

tools/install.sh curl
docker version --format 'engine {{.Server.Version}}' || fail "no engine of Docker answers"

image=${IMAGE:-}
if [[ -z $image ]]; then
    image=smartcloudops:smoke
    docker build --tag "$image" "$@" .
fi
printf 'image: %d bytes\n' "$(docker image inspect --format '{{.Size}}' "$image")"
[[ $(docker image inspect --format '{{.Config.User}}' "$image") == 65532:65532 ]] || fail "it would run as root"
version=$(docker run --rm --read-only --network none "$image" --version)
[[ $version == "smartcloudops $(label version)" ]] || fail "$version is labelled $(label version)"

# What it is to read cannot be found, since no name server answers: it starts and ends in time all the same.
token=smoke-$RANDOM$RANDOM$RANDOM
cat >"$folder/smartcloudops.yml" <<'YAML'
prometheus: {url: 'http://prometheus.invalid:9090'}
web: {tokens: [{name: prometheus, token_env: SCRAPE_TOKEN, scopes: [read]}]}
YAML
chmod 0755 "$folder"
container=$(docker run --detach --read-only --cap-drop ALL --security-opt no-new-privileges --memory 256m \
    --pids-limit 128 --dns 192.0.2.1 --publish 127.0.0.1::9494 --env SCRAPE_TOKEN="$token" --tmpfs /var/lib/smartcloudops:uid=65532 \
    --volume "$folder/smartcloudops.yml:/etc/smartcloudops/smartcloudops.yml:ro" "$image")
address=$(docker port "$container" 9494)
wait_for "/-/healthy does not answer" answers
echo "healthy: /-/healthy answers 200"

[[ $(status /metrics) == 401 ]] || fail "/metrics is shown to everybody"
[[ $(status /metrics --header "Authorization: Bearer $token") == 200 ]] || fail "/metrics is not shown"
grep --quiet '^smartcloudops_build_info{' "$folder/body" || fail "/metrics lacks smartcloudops_build_info"
echo "metrics: $(grep --count '^[a-z]' "$folder/body") samples, with the token alone"

read -r user group _ < <(docker top "$container" -o uid,gid,pid | tail -n 1)
[[ $user == 65532 && $group == 65532 ]] || fail "it runs as $user:$group"
wait_for "the health check does not turn healthy" is_healthy
echo "health check: healthy"

begun=$SECONDS
docker stop --time 8 "$container" >/dev/null
code=$(docker inspect --format '{{.State.ExitCode}}' "$container")
[[ $code == 0 ]] || fail "SIGTERM ends it with $code:" "$(docker logs --tail 20 "$container" 2>&1)"
echo "SIGTERM: exit 0 after $((SECONDS - begun)) s"
