#!/usr/bin/env bash
# The table of calls.h, which goes through callbacks, forks, ends and panics, has every function of the header.

set -eu
cd "$(dirname "$0")/../.."
if ! difference=$(diff <(grep -oE 'CALL\(rustchat_[a-z0-9_]+' tests/c/calls.h | sed 's/CALL(//' | sort) \
    <(sort include/symbols.txt)); then
    echo "FAIL  calls: tests/c/calls.h (<) is not include/symbols.txt (>)"
    echo "$difference"
    exit 1
fi
echo "ok    calls: every function is called in callbacks, children, at exit and with a panic"
