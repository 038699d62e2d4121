# shellcheck shell=bash
# Programs from releases of the Prometheus project. Sourced by install.sh.
: "${folder:?is set by install.sh}"

download() {
    curl --fail --silent --show-error --location --retry 5 --retry-all-errors --connect-timeout 10 \
        --output "$2" -- "$1"
}

# add_release NAME PROGRAM...: puts the programs of a release into /usr/local/bin, if its sum is the one in the
# settings. A release whose sum is noted already is not fetched again.
add_release() {
    local name=$1 version sum noted archive place
    shift
    version=${name^^}_VERSION sum=${name^^}_SHA256
    version=${!version} sum=${!sum}
    noted=/var/lib/smartcloudops-install/$name.sha256
    if [[ -e $noted && $(<"$noted") == "$sum" ]]; then
        return
    fi
    place=$name-$version.linux-amd64
    archive=$folder/$name.tar.gz
    download "$RELEASES_URL/$name/releases/download/v$version/$place.tar.gz" "$archive"
    if ! sha256sum --check --status <<<"$sum  $archive"; then
        echo "$place.tar.gz is not what its sum says; nothing of it was installed" >&2
        exit 1
    fi
    tar --extract --gzip --no-same-owner --file "$archive" --directory "$folder"
    local program
    for program in "$@"; do
        install -m 0755 "$folder/$place/$program" "/usr/local/bin/$program"
    done
    rm -rf "$archive" "${folder:?}/$place"
    mkdir -p "${noted%/*}"
    echo "$sum" >"$noted"
}
