#!/usr/bin/env bash
# Has a real API server take deploy/kubernetes: `make test-kubernetes-manifests`.
#
#   KUBE_APISERVER=PROGRAM KUBECTL=PROGRAM CRDS=FOLDER tools/kubernetes_manifests.sh
#
# Every field is known to it and every rule of its own holds (pod security at its strictest included), selectors meet
# what they are for, and the service account may do what the actions on Kubernetes ask for, and nothing else. No
# container runs: there is no kubelet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(mktemp --directory)
pids=()
finish() {
    # Only what was started here, the server before its store.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null && wait "${pids[i]}" || true
    done
    rm -rf "$folder"
}
trap finish EXIT

fail() {
    printf 'FAILED: %s\n' "$@" >&2
    exit 1
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

kubectl() {
    # What it remembers of a server goes by the port, which another trial may have had.
    "$KUBECTL" --kubeconfig="$folder/kubeconfig" --cache-dir="$folder/cache" "$@"
}

start() {
    local clients peers port
    clients=http://127.0.0.1:$(free_port) peers=http://127.0.0.1:$(free_port) port=$(free_port)
    etcd --data-dir="$folder/etcd" --listen-client-urls="$clients" --advertise-client-urls="$clients" \
        --listen-peer-urls="$peers" --initial-advertise-peer-urls="$peers" --initial-cluster="default=$peers" \
        >"$folder/etcd.log" 2>&1 &
    pids+=($!)
    openssl genrsa -out "$folder/key" 2048 2>/dev/null
    local token
    token=$(openssl rand -hex 16)
    echo "$token,admin,1,\"system:masters\"" >"$folder/tokens"
    "$KUBE_APISERVER" --etcd-servers="$clients" --bind-address=127.0.0.1 --secure-port="$port" \
        --cert-dir="$folder" --token-auth-file="$folder/tokens" --authorization-mode=RBAC \
        --service-account-key-file="$folder/key" --service-account-signing-key-file="$folder/key" \
        --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.0.0.0/24 \
        >"$folder/apiserver.log" 2>&1 &
    pids+=($!)
    wait_for "the API server's certificate" test -s "$folder/apiserver.crt"
    kubectl config set-cluster it --server="https://127.0.0.1:$port" \
        --certificate-authority="$folder/apiserver.crt" >/dev/null
    kubectl config set-credentials admin --token="$token" >/dev/null
    kubectl config set-context it --cluster=it --user=admin >/dev/null
    kubectl config use-context it >/dev/null
    wait_for "the API server" kubectl get --raw=/readyz
    # Made by the server itself once it is up.
    wait_for "the namespace default" kubectl get namespace default
}

wait_for() {
    local what=$1 deadline=$((SECONDS + 120))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || fail "$what is not there:" "$(tail -n 5 "$folder"/*.log)"
        sleep 0.2
    done
}

# Takes it all, and says nothing against it.
applies() {
    kubectl apply --server-side --validate=strict "$@" >"$folder/out" 2>"$folder/warnings" ||
        fail "apply $*:" "$(cat "$folder/warnings")"
    [[ ! -s $folder/warnings ]] || fail "apply $* warns:" "$(cat "$folder/warnings")"
    echo "taken: $* ($(wc -l <"$folder/out") objects)"
}

# The pod that the stateful set would make, with a change in jq's language.
pod() {
    kubectl --namespace monitoring get statefulset smartcloudops --output json | jq "{
        apiVersion: \"v1\", kind: \"Pod\",
        metadata: {name: \"smartcloudops-0\", labels: .spec.template.metadata.labels},
        spec: (.spec.template.spec | .volumes += [{name: \"data\", emptyDir: {}}])
    } | $1"
}

selects() {
    local what=$1 kind=$2 selector=$3 found
    found=$(kubectl --namespace monitoring get "$kind" --selector="$selector" --output name | wc -l)
    [[ -n $selector && $found == 1 ]] || fail "the selector of $what ($selector) finds $found of $kind"
}

labels_at() {
    kubectl --namespace monitoring get "$1" smartcloudops --output json |
        jq --raw-output "$2 | to_entries | map(\"\\(.key)=\\(.value)\") | join(\",\")"
}

# Each line: yes or no, namespace, verb, resource, and a subresource where there is one.
rights() {
    local expected namespace verb resource subresource answer account=system:serviceaccount:monitoring:smartcloudops
    while read -r expected namespace verb resource subresource; do
        answer=$(kubectl auth can-i "$verb" "$resource" --namespace "$namespace" --as="$account" \
            ${subresource:+--subresource="$subresource"} 2>/dev/null) || true
        [[ $answer == "$expected" ]] ||
            fail "may it $verb $resource $subresource in $namespace? $answer, expected $expected"
    done
}

tools/install.sh etcd openssl jq python3
start
kubectl apply --server-side --filename="$CRDS" >/dev/null
kubectl wait --for=condition=Established crd --all --timeout=60s >/dev/null
kubectl create namespace shop >/dev/null
kubectl create namespace monitoring >/dev/null
kubectl label namespace monitoring pod-security.kubernetes.io/{enforce,warn}=restricted >/dev/null

applies --dry-run=server --kustomize=deploy/kubernetes/base
applies --kustomize=deploy/kubernetes/base
rights <<'TABLE'
no monitoring get pods
no monitoring get secrets
no shop get deployments.apps
TABLE
applies --kustomize=deploy/kubernetes/example
kubectl diff --server-side --kustomize=deploy/kubernetes/example || fail "what was applied is not what is written"

pod . | kubectl --namespace monitoring create --filename=- >/dev/null
pod '.spec.containers[0].securityContext.allowPrivilegeEscalation = true' |
    kubectl --namespace monitoring create --dry-run=server --filename=- 2>"$folder/refused" &&
    fail "the namespace takes a pod with privileges, so it proves nothing"
grep --quiet 'violates PodSecurity "restricted' "$folder/refused" || fail "$(cat "$folder/refused")"
echo "taken: its pod, with restricted pod security"

selects "the service" pods "$(labels_at service .spec.selector)"
selects "the disruption budget" pods "$(labels_at poddisruptionbudget .spec.selector.matchLabels)"
selects "the network policy" pods "$(labels_at networkpolicy .spec.podSelector.matchLabels)"
selects "the service monitor" services "$(labels_at servicemonitor .spec.selector.matchLabels)"
peers=$(kubectl --namespace monitoring get networkpolicy smartcloudops --output json |
    jq --raw-output '[.spec.egress[].to[]?.podSelector.matchLabels | to_entries[].value] | join(" ")')
[[ $peers == "kube-dns prometheus alertmanager" ]] || fail "the network policy lets it call $peers"
echo "met: every selector"

rights <<'TABLE'
yes shop get deployments.apps
yes shop patch deployments.apps
yes shop get statefulsets.apps
yes shop patch statefulsets.apps
yes shop get daemonsets.apps
yes shop patch daemonsets.apps
yes shop patch deployments.apps scale
yes shop patch statefulsets.apps scale
yes shop get pods
yes shop delete pods
yes shop get replicasets.apps
yes shop get replicationcontrollers
no shop list pods
no shop watch pods
no shop create pods
no shop patch pods
no shop deletecollection pods
no shop create pods exec
no shop create pods eviction
no shop get pods log
no shop update deployments.apps
no shop delete deployments.apps
no shop create deployments.apps
no shop patch replicasets.apps
no shop get secrets
no shop get configmaps
no shop create serviceaccounts token
no shop create rolebindings.rbac.authorization.k8s.io
no monitoring get pods
no monitoring delete pods
no monitoring get secrets
no monitoring patch statefulsets.apps
no default get deployments.apps
no kube-system get secrets
TABLE
echo "held: what the service account may do, and what it may not"
