#!/usr/bin/env bash
# Makes the corpus anew: of what is kept and what runs have found, as few and small files as reach the same places.
#
#   minimise.sh FOLDER TARGET...
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$1
shift
# More of one target is no more than ballast in the repository.
most=60 longest=1024
for target in "$@"; do
	kept=tests/fuzz/corpus/$target merged=$folder/merged/$target
	rm -rf "$merged" && mkdir -p "$merged" "$kept" "$folder/found/$target"
	"$folder/targets/$target" -merge=1 -max_len=$longest "$merged" "$kept" "$folder/found/$target" >"$folder/logs/merge-$target.txt" 2>&1
	# The smallest come first: what a run finds last are long variations.
	rm -f "$kept"/*
	find "$merged" -type f -printf '%s %p\n' | sort -n | awk -v most=$most '{ all[NR] = $2 }
		END { step = NR > most ? NR / most : 1; for (at = 1; at <= NR; at += step) print all[int(at)] }' |
		xargs -r cp -t "$kept"
	echo "$target: $(find "$kept" -type f | wc -l) files, $(du -bs "$kept" | cut -f1) bytes"
done
