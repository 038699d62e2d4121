#!/usr/bin/env bash
# Validates terraform/ and runs its tests against a stand-in for the AWS provider (provider.py), offline.
#
#   tools/terraform-stub/check.sh PYTHON
#
# PYTHON has what tools/terraform/requirements.txt lists; TERRAFORM is the program, if not the one on PATH. All happens in a copy: a lock file made here would hold the
# sums of the stand-in, and must never come into the repository.
set -euo pipefail

python=$(realpath --no-symlinks "${1:?names the Python with the requirements}")
terraform=${TERRAFORM:-terraform}
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
project=$here/../..

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
mkdir "$scratch/project"
tar --create --directory "$project" --exclude '.terraform*' --exclude '*.tfstate*' --exclude '*.tfvars' \
    terraform rules dashboards | tar --extract --directory "$scratch/project"

version=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["version"])' "$here/schema.json")
mirror=$scratch/mirror/registry.terraform.io/hashicorp/aws/$version/linux_amd64
mkdir -p "$mirror"
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$here/provider.py" >"$mirror/terraform-provider-aws_v$version"
chmod +x "$mirror/terraform-provider-aws_v$version"
printf 'provider_installation {\n  filesystem_mirror { path = "%s/mirror" }\n}\n' "$scratch" >"$scratch/terraformrc"

export TF_CLI_CONFIG_FILE=$scratch/terraformrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
cd "$scratch/project/terraform"
"$terraform" init -backend=false -input=false -no-color >/dev/null
"$terraform" validate -no-color
"$terraform" test -no-color
