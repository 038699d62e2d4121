# shellcheck shell=bash
# Fetches what is to be installed on this host, and installs it. User data runs this at the first start, with
# INSTALL_SOURCE set before; it stays as smartcloudops-install, so that it can be run again after a change.
set -euo pipefail
umask 022

: "${INSTALL_SOURCE:?names the folder in S3}"

installer=/usr/local/sbin/smartcloudops-install
if ! [[ $0 -ef $installer ]]; then
    install -m 0755 -- "$0" "$installer"
fi

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
# A role that was just made is not known everywhere at once, and user data runs once.
for attempt in {1..60}; do
    if aws s3 cp --only-show-errors --recursive "$INSTALL_SOURCE/" "$folder/"; then
        break
    fi
    ((attempt < 60)) || exit 1
    sleep 5
done
# Half of a change is no change: everything is there, and as it was when the manifest was written.
(cd "$folder" && sha256sum --check --strict --quiet manifest.sha256)
bash "$folder/install.sh" "$folder"
