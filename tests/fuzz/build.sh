#!/usr/bin/env bash
# Builds the targets for libFuzzer: instrumented for coverage, under AddressSanitizer.
#
#   build.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
# With a target named, what runs at build time is not instrumented.
RUSTFLAGS="$coverage -Zsanitizer=address -Ccodegen-units=1" cargo +nightly build --manifest-path tests/fuzz/Cargo.toml \
	--target-dir "$1" --profile fuzz --features libfuzzer --bins --target "$host" --quiet
mkdir -p "$1/targets"
for target in tests/fuzz/targets/*.rs; do
	cp "$1/$host/fuzz/$(basename "$target" .rs)" "$1/targets/"
done
