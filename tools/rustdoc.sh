#!/usr/bin/env bash
# Stands for rustdoc in `cargo test --doc`: makes the documentation of what it would test, every warning an error.
#
# `cargo doc` would have every dependency read once more; here they are those that the tests were built of.
set -euo pipefail

arguments=()
while (($#)); do
    case $1 in
    --test) ;;
    --test-run-directory) shift ;;
    *) arguments+=("$1") ;;
    esac
    shift
done
exec rustdoc --deny warnings --out-dir "${CARGO_TARGET_DIR:-target}/doc" "${arguments[@]}"
