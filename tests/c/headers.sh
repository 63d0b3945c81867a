#!/usr/bin/env bash
# The header alone and included twice, and rustchat.hpp and each of its parts, under every standard and strict flags; and its macros.
#
#   headers.sh DIRECTORY-FOR-OUTPUT

set -u
cd "$(dirname "$0")/../.."
out=$1
mkdir -p "$out"
flags="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror -Iinclude -c -o /dev/null"
passed=0
failed=0

check() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$out/headers.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL  headers: $name"
        head -n 20 "$out/headers.log"
    fi
}

available() { # COMPILER...
    for compiler in "$@"; do
        command -v "$compiler" >/dev/null && echo "$compiler"
    done
}

macros() { # COMPILER LANGUAGE FILE
    "$1" -x "$2" -dM -E -Iinclude "$3" | awk '{print $2}' | sed 's/(.*//' | sort -u
}

printf '#include "rustchat.h"\ntypedef int not_empty;\n' >"$out/alone.c"
printf '#include "rustchat.h"\n#include "rustchat.h"\ntypedef int not_empty;\n' >"$out/twice.c"
printf '#include "rustchat.hpp"\n#include "rustchat.hpp"\n' >"$out/wrapper.cpp"
for part in include/rustchat/*.hpp; do
    part=${part##*/}
    printf '#include <rustchat/%s>\n#include <rustchat/%s>\n' "$part" "$part" >"$out/part_${part%.hpp}.cpp"
done
printf '#include <stddef.h>\n#include <stdint.h>\n' >"$out/standard.c"

for compiler in $(available gcc clang); do
    for standard in c99 c11 c17 c2x gnu99 gnu17; do
        for file in "$out/alone.c" "$out/twice.c" tests/c/header.c; do
            check "$compiler $standard ${file##*/}" "$compiler" -std=$standard $flags -Wstrict-prototypes "$file"
        done
    done
    # Nothing but RUSTCHAT_ comes on top of the standard headers.
    macros "$compiler" c "$out/standard.c" >"$out/standard.txt"
    macros "$compiler" c "$out/alone.c" | comm -13 "$out/standard.txt" - | grep -v '^RUSTCHAT_' >"$out/foreign.txt"
    check "$compiler macros: $(tr '\n' ' ' <"$out/foreign.txt")" test ! -s "$out/foreign.txt"
done
for compiler in $(available g++ clang++); do
    for standard in c++11 c++14 c++17 c++20 gnu++17; do
        for file in "$out/alone.c" "$out/twice.c" tests/c/header.c; do
            check "$compiler $standard ${file##*/}" "$compiler" -x c++ -std=$standard $flags "$file"
        done
    done
    for standard in c++17 c++20; do
        check "$compiler $standard rustchat.hpp" "$compiler" -std=$standard $flags "$out/wrapper.cpp"
        for part in "$out"/part_*.cpp; do
            check "$compiler $standard ${part##*/}" "$compiler" -std=$standard $flags "$part"
        done
    done
done
[ "$failed" = 0 ] && echo "ok    headers: $passed compilations"
exit $((failed > 0))
