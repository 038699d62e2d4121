#!/usr/bin/env bash
# Builds the image and runs it as hardened as it can be: `make image-test`, and `make test-image`.
#
#   tools/image_smoke.sh [ARGUMENT OF docker build…]
#   tools/image_smoke.sh --build-arg FEATURES=      # without the clients of AWS and Kubernetes
#   BINARY=target/debug/smartcloudops tools/image_smoke.sh      # with this instead of what the first stage compiles
#
# Read-only, without a capability or a network, as a user without a name: it answers, its health check turns healthy,
# its page asks for the token, and SIGTERM ends it with 0. Where no engine of Docker answers one is started, which takes
# root, and thrown away; IMAGE names an image that has been built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf 'FAILED: %s\n' "$@" >&2
    exit 1
}

folder=$(mktemp --directory)
container='' engine='' made=''
finish() {
    # What fails here must not keep the rest.
    [[ -z $container ]] || docker rm --force --volumes "$container" >/dev/null || true
    [[ -z $made ]] || docker image rm --force "$made" >/dev/null || true
    # The engine is the child of unshare, which ends after it.
    [[ -z $engine ]] || { kill "$(<"/proc/$engine/task/$engine/children")" && wait "$engine" || true; }
    rm -rf --one-file-system "$folder"
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

# An answer, with or without a header. Bash opens the socket itself, in the container; that it is not at 127.0.0.1 shows
# that it listens on every address.
ask() {
    # The inner shell expands.
    # shellcheck disable=SC2016
    docker exec "$container" timeout 5 /bin/bash -c 'exec 3<>/dev/tcp/127.0.0.2/9494 &&
        printf "%s\r\n" "GET $0 HTTP/1.1" "Host: localhost" "Connection: close" "$@" "" >&3 && cat <&3' \
        "$@" >"$folder/answer" 2>/dev/null || true
}

status() {
    ask "$@"
    sed -n '1s|^HTTP/1.1 \([0-9]*\) .*|\1|p' "$folder/answer"
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

starts_engine() {
    tools/install.sh dockerd unshare
    unshare --mount --pid --fork --kill-child --mount-proc dockerd --iptables=false --ip6tables=false --bridge=none \
        --data-root="$folder/data" --exec-root="$folder/exec" --pidfile="$folder/pid" \
        --host="unix://$folder/docker.sock" >"$folder/engine.log" 2>&1 &
    engine=$!
    export DOCKER_HOST=unix://$folder/docker.sock
    local deadline=$((SECONDS + 60))
    until docker version >/dev/null 2>&1; do
        if ! kill -0 "$engine" || ((SECONDS >= deadline)); then
            fail "no engine of Docker answers:" "$(tail "$folder/engine.log")"
        fi
        sleep 0.2
    done
}

# The image's last stage around BINARY. Its base is made of what Debian's is made of where that cannot be pulled, by a
# name of its own: nobody else is to take it for Debian's.
build_last_stage() {
    local base=debian:bookworm-slim context=$folder/context
    docker image inspect "$base" >/dev/null 2>&1 || docker pull --quiet "$base" 2>/dev/null || {
        echo "$base cannot be pulled; mmdebstrap makes one"
        base=smartcloudops-base:bookworm
        tools/install.sh mmdebstrap
        mmdebstrap --quiet --variant=minbase bookworm "$folder/base.tar"
        docker import "$folder/base.tar" "$base" >/dev/null
    }
    mkdir "$context"
    install -m 0755 --strip "$BINARY" "$context/smartcloudops"
    sed -e '/^FROM rust:/,/^FROM debian:/{/^FROM debian:/!d}' Dockerfile |
        sed -e "s/^FROM debian:.*/FROM scratch AS builder\nCOPY smartcloudops \/out\/smartcloudops\nFROM $base/" \
            >"$context/Dockerfile"
    docker build --network host --tag "$image" "$@" "$context"
    made=$image
}

docker version >/dev/null 2>&1 || starts_engine
docker version --format 'engine {{.Server.Version}}'

image=${IMAGE:-smartcloudops:smoke}
if [[ -n ${BINARY:-} ]]; then
    image=smartcloudops:last-stage
    build_last_stage "$@"
elif [[ -z ${IMAGE:-} ]]; then
    # An engine of our own has no network but the host's; one of before 23 builds with caches only when told to.
    DOCKER_BUILDKIT=1 docker build ${engine:+--network host} --tag "$image" "$@" .
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
    --pids-limit 128 --network none --env SCRAPE_TOKEN="$token" --tmpfs /var/lib/smartcloudops:uid=65532 \
    --volume "$folder/smartcloudops.yml:/etc/smartcloudops/smartcloudops.yml:ro" "$image")
wait_for "/-/healthy does not answer" answers
echo "healthy: /-/healthy answers 200"

[[ $(status /metrics) == 401 ]] || fail "/metrics is shown to everybody"
[[ $(status /metrics "Authorization: Bearer $token") == 200 ]] || fail "/metrics is not shown"
grep --quiet '^smartcloudops_build_info{' "$folder/answer" || fail "/metrics lacks smartcloudops_build_info"
echo "metrics: $(sed '1,/^\r$/d' "$folder/answer" | grep --count '^[a-z]') samples, with the token alone"

read -r user group _ < <(docker top "$container" -o uid,gid,pid | tail -n 1)
[[ $user == 65532 && $group == 65532 ]] || fail "it runs as $user:$group"
wait_for "the health check does not turn healthy" is_healthy
echo "health check: healthy"

begun=$SECONDS
docker stop --time 8 "$container" >/dev/null
code=$(docker inspect --format '{{.State.ExitCode}}' "$container")
[[ $code == 0 ]] || fail "SIGTERM ends it with $code:" "$(docker logs --tail 20 "$container" 2>&1)"
echo "SIGTERM: exit 0 after $((SECONDS - begun)) s"
