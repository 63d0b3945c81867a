#!/usr/bin/env bash
# Runs the Rust tests under ThreadSanitizer, the standard library made anew for it. Every report fails its test binary.
#
#   tsan.sh FOLDER [TEST...]      TEST: lib, the name of a file of tests/, or fuzz: those of tests/fuzz
set -uo pipefail
cd "$(dirname "$0")/../.."
folder=$1
shift
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
# Not those that start compilers (documents, header), nor those that fork with threads running, which the sanitizer forbids.
if [ $# -eq 0 ]; then
	set -- lib fuzz
	for file in tests/*.rs; do
		case $file in */documents.rs | */header.rs | */fork_storm.rs) ;; *) set -- "$@" "$(basename "$file" .rs)" ;; esac
	done
fi
selected=() fuzz=
for test in "$@"; do
	case $test in fuzz) fuzz=1 ;; lib) selected+=(--lib) ;; *) selected+=(--test "$test") ;; esac
done
export RUSTFLAGS="-Zsanitizer=thread"
export TSAN_OPTIONS="suppressions=$PWD/tests/machine/tsan.supp history_size=4 ${TSAN_OPTIONS:-}"
# run FOLDER ...: the folders are two, since the library's file has one name whatever its features.
run() {
	cargo +nightly test -Zbuild-std --target "$host" --no-fail-fast --target-dir "$@"
}
failed=0
if [ ${#selected[@]} -gt 0 ]; then run "$folder" -p rustchat "${selected[@]}" || failed=1; fi
if [ -n "$fuzz" ]; then run "$folder/fuzz" --manifest-path tests/fuzz/Cargo.toml --tests || failed=1; fi
exit $failed
