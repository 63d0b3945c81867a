#!/usr/bin/env bash
# The layout that the C compiler gives the structures is the committed one. src/capi/layout.rs checks the Rust side.
#
#   layout.sh DIRECTORY-FOR-OUTPUT

set -eu
cd "$(dirname "$0")/../.."
mkdir -p "$1"
gcc -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -Iinclude tests/c/layout.c -o "$1/layout"
"$1/layout" >"$1/layout.txt"
if ! diff tests/c/layout.txt "$1/layout.txt"; then
    echo "FAIL  layout: tests/c/layout.txt (<) is not what the C compiler says (>)"
    exit 1
fi
echo "ok    layout: $(grep -c '\.' tests/c/layout.txt) fields of $(grep -vc '\.' tests/c/layout.txt) structures"
