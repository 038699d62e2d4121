#!/usr/bin/env bash
# Makes a Debian package of a build that is there already.
#
#   tools/deb.sh                     of the release, into target/package: `make deb` builds it first
#   tools/deb.sh PROGRAM FOLDER      of another build, without its symbols
#
# The manual page is the program's own --help, and the version is that of Cargo.toml, so neither can drift.
# Whoever builds it for others is its maintainer, by Debian's own variables: DEBEMAIL, and DEBFULLNAME with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/install.sh dpkg-deb dpkg-shlibdeps help2man
if (($# == 2)); then
    # Where a release would be.
    stage=$(mktemp --directory)
    trap 'rm -rf "$stage"' EXIT
    export CARGO_TARGET_DIR=$stage
    install -D -m 0755 --strip "$1" "$stage/release/smartcloudops"
fi
binary=${CARGO_TARGET_DIR:-target}/release/smartcloudops
if [[ ! -x $binary ]]; then
    echo "$binary is missing; build it with: cargo build --release --locked" >&2
    exit 1
fi

made=target/package
mkdir -p "$made"
help2man --no-info --section=1 --name="anomaly scores, safe remediation and explanations" \
    --output="$made/smartcloudops.1" "$binary"

# What a person reads is CHANGELOG.md; Debian wants its own format beside it.
gzip --best --no-name --stdout CHANGELOG.md >"$made/changelog.gz"
version=$(sed -n '/^\[package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
maintainer=$(sed -n 's/^maintainer = "\(.*\)"/\1/p' Cargo.toml)
if [[ -n ${DEBEMAIL:-} ]]; then
    maintainer="${DEBFULLNAME:-${maintainer% <*}} <$DEBEMAIL>"
fi
date=$(date --utc --rfc-email --date="@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}")
printf '%s\n' "smartcloudops ($version-1) unstable; urgency=medium" '' \
    "  * What has changed is in /usr/share/doc/smartcloudops/changelog.gz." '' \
    " -- $maintainer  $date" >"$made/changelog"

cargo deb --no-build --no-strip --maintainer="$maintainer" --output="${2:-$made}/"
