#!/usr/bin/env bash
# Runs targets one after the other, each for so many seconds, from the corpus that is kept and what earlier runs have found.
# An input that fails is left in FOLDER/crashes, and the way to see it again is printed.
#
#   run.sh FOLDER SECONDS TARGET...
set -uo pipefail
cd "$(dirname "$0")/../.."
folder=$1 seconds=$2
shift 2
failed=0
for target in "$@"; do
	mkdir -p "$folder/found/$target" "$folder/crashes" "$folder/logs"
	log=$folder/logs/$target.txt
	# An input that takes 60 seconds hangs.
	"$folder/targets/$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=4096 -max_len=4096 -print_final_stats=1 \
		-artifact_prefix="$folder/crashes/$target-" "$folder/found/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1
	status=$?
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	covered=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
	printf '%-10s %9s executions in %s s, %s\n' "$target" "${executions:-?}" "$seconds" "${covered:-no coverage}"
	if [ $status -ne 0 ]; then
		failed=1
		echo "FAIL  $target, see $log:"
		grep -E -A 4 'panicked at|ERROR: |SUMMARY: ' "$log" | grep -vE 'stack backtrace|libFuzzer: deadly' | head -n 20
		for input in "$folder/crashes/$target-"*; do
			[ -e "$input" ] && echo "again:  $folder/targets/$target $input"
		done
	fi
done
exit $failed
