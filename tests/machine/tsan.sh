#!/usr/bin/env bash
# Runs the Rust tests under ThreadSanitizer, the standard library made anew for it. Every report fails its test binary.
#
#   tsan.sh FOLDER [TEST...]      TEST: lib, or the name of a file of tests/
set -uo pipefail
cd "$(dirname "$0")/../.."
folder=$1
shift
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
# Not those that start compilers (documents, header), nor those that fork with threads running, which the sanitizer forbids.
if [ $# -eq 0 ]; then
	set -- lib $(ls tests/*.rs | xargs -n 1 basename -s .rs | grep -vE '^(documents|header|fork_storm)$')
fi
selected=()
for test in "$@"; do
	if [ "$test" = lib ]; then selected+=(--lib); else selected+=(--test "$test"); fi
done
export RUSTFLAGS="-Zsanitizer=thread"
export TSAN_OPTIONS="suppressions=$PWD/tests/machine/tsan.supp history_size=4 ${TSAN_OPTIONS:-}"
cargo +nightly test -Zbuild-std --target "$host" --target-dir "$folder" -p rustchat --no-fail-fast "${selected[@]}" -- ${TSAN_ARGUMENTS:-}
