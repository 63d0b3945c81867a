#!/usr/bin/env bash
# What the library exports, what the header declares and the baseline in include/symbols.txt are the same.
#
#   symbols.sh LIBRARY

set -eu
library=$(realpath "$1")
cd "$(dirname "$0")/../.."

exported() {
    nm -D --defined-only "$library" | awk '{print $3}' | sed 's/@.*//' | sort -u
}

declared() {
    echo '#include "rustchat.h"' | gcc -E -P -Iinclude -x c - | tr '\n' ' ' | grep -oE '\brustchat_[a-z0-9_]+ *\(' |
        tr -d ' (' | sort -u
}

same() { # NAME FILE FILE
    if ! difference=$(diff "$2" "$3"); then
        echo "FAIL  symbols: $1"
        echo "$difference"
        exit 1
    fi
}

same "header (<) and include/symbols.txt (>)" <(declared) <(sort include/symbols.txt)
same "exports of the library (<) and include/symbols.txt (>)" <(exported) <(sort include/symbols.txt)
if grep -v '^rustchat_' include/symbols.txt; then
    echo "FAIL  symbols: the names above have no prefix"
    exit 1
fi
echo "ok    symbols: $(wc -l <include/symbols.txt) functions, exported = declared = baseline"
