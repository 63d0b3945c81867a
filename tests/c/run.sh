#!/usr/bin/env bash
# Builds every program here and runs it plainly, under the sanitizers and under valgrind.
#
#   run.sh DIRECTORY-OF-LIBRARIES DIRECTORY-FOR-OUTPUT [PROGRAM...]
#
# The first holds librustchat.so, and panicking/librustchat.so with the feature panic-injection. A program passes when
# it ends with 0 and says nothing on standard error: neither it nor the library has anything to say there.

set -u
unset RUST_BACKTRACE
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libraries=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2

flags="-D_GNU_SOURCE -g -O1 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror -I$here/../../include -pthread"
c="gcc -std=c99 -Wstrict-prototypes"
cpp="g++ -std=c++17"
sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=undefined"

# The one program that needs a library of its own.
library_of() {
    if [ "$1" = panic ]; then echo "$libraries/panicking"; else echo "$libraries"; fi
}

build() { # PROGRAM MODE
    local library extra="" compiler=$c source=$here/$1.c
    library=$(library_of "$1")
    [ -e "$source" ] || { compiler=$cpp source=$here/$1.cpp; }
    [ "$2" = asan ] && extra=$sanitizers
    # shellcheck disable=SC2086
    $compiler $flags $extra "$source" -o "$out/$1-$2" -L"$library" -lrustchat -Wl,-rpath,"$library"
}

# Without it in the program the sanitizers would have found nothing.
has_asan() {
    nm "$1" | grep -q __asan_init
}

execute() { # PROGRAM MODE, with its words in $output
    case $2 in
        plain) "$out/$1-plain" ;;
        asan)
            has_asan "$out/$1-asan" || { echo "nm finds no AddressSanitizer in the program" >&2; return 1; }
            TEST_SLOWNESS=4 ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 "$out/$1-asan"
            ;;
        valgrind)
            TEST_SLOWNESS=15 valgrind --quiet --fair-sched=try --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
                --error-exitcode=9 --suppressions="$here/valgrind.supp" --log-file="$output.valgrind" "$out/$1-plain"
            ;;
    esac
}

report() { # PROGRAM MODE STATUS SECONDS
    if [ "$3" = 0 ]; then
        printf 'ok    %-12s %-9s %s, %s s\n' "$1" "$2" "$(tail -n 1 "$output.out")" "$4"
    else
        printf 'FAIL  %-12s %-9s exit status %s\n' "$1" "$2" "$3"
        head -n 30 "$output.err"
        # What a program leaks that has given up says nothing.
        [ -s "$output.err" ] || head -n 60 "$output.valgrind" 2>/dev/null
    fi
}

run() { # PROGRAM MODE
    local output="$out/$1-$2.result" status=0 start=$EPOCHREALTIME
    rm -f "$output".*
    if [ "$2" != valgrind ]; then
        build "$1" "$2" 2>"$output.err" || { report "$1" "$2" build 0; return 1; }
    fi
    execute "$1" "$2" >"$output.out" 2>"$output.err" || status=$?
    if [ "$status" = 0 ] && [ -s "$output.err" ]; then
        status="0, but something was printed"
    fi
    report "$1" "$2" "$status" "$(echo "$start $EPOCHREALTIME" | awk '{printf "%.1f", $2 - $1}')"
    [ "$status" = 0 ]
}

# A child of fork uses the library while the parent's threads go on: the allocator of AddressSanitizer, which may be locked
# at that moment, does not survive that.
modes_of() { # PROGRAM
    if [ "$1" = fork ]; then echo plain valgrind; else echo plain asan valgrind; fi
}

# One program in all its modes; the last line of each mode is its result.
run_modes() { # PROGRAM
    local mode failed=0
    for mode in $(modes_of "$1"); do
        run "$1" "$mode" || failed=$((failed + 1))
    done
    echo "$failed" >"$out/$1.failures"
}

if [ "${1:-}" = --modes ]; then
    run_modes "$2"
    exit
fi

if [ $# = 0 ]; then
    set -- $(cd "$here" && grep -l '^int main' ./*.c ./*.cpp | sed 's/.*\///; s/\.cp*$//' | grep -v '^layout$')
fi
rm -f "$out"/*.failures
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash "$here/run.sh" "$libraries" "$out" --modes {}
modes=0
failed=0
for program in "$@"; do
    modes=$((modes + $(modes_of "$program" | wc -w)))
    failed=$((failed + $(cat "$out/$program.failures" 2>/dev/null || echo 3)))
done
echo "c programs: $((modes - failed)) passed, $failed failed"
exit $((failed > 0))
