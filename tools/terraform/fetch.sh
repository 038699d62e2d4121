#!/usr/bin/env bash
# Fetches Terraform, as its makers publish it, and keeps it only if its sum is theirs.
#
#   tools/terraform/fetch.sh DESTINATION
set -euo pipefail

destination=${1:?names the file to make}
version=1.11.4
sum=1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc
releases=${TERRAFORM_RELEASES_URL:-https://releases.hashicorp.com/terraform}

if [[ -x $destination ]]; then
    exit 0
fi
if [[ $(uname -sm) != "Linux x86_64" ]]; then
    echo "Terraform is missing; install 1.11 or newer from https://developer.hashicorp.com/terraform/install" >&2
    exit 1
fi
archive=$(mktemp)
trap 'rm -f -- "$archive"' EXIT
"$(dirname "${BASH_SOURCE[0]}")/../install.sh" curl
if ! curl --fail --silent --show-error --location --retry 3 --connect-timeout 10 --output "$archive" \
    -- "$releases/$version/terraform_${version}_linux_amd64.zip"; then
    echo "Terraform is missing and cannot be fetched; install 1.11 or newer from" \
        "https://developer.hashicorp.com/terraform/install" >&2
    exit 1
fi
if ! sha256sum --check --status <<<"$sum  $archive"; then
    echo "what $releases has for Terraform $version is not what its sum says; it was not kept" >&2
    exit 1
fi
python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("terraform"))' \
    "$archive" >"$destination.new"
chmod 0755 "$destination.new"
mv "$destination.new" "$destination"
