#!/usr/bin/env bash
# What a target wants of the machine. What is missing is installed where that can be done (Debian's packages, as root or
# with sudo); what cannot is named, all of it at once, before anything is built.
#
#   tools.sh run|wheel|install|bench|test|races|fuzz|tsan
set -euo pipefail
cd "$(dirname "$0")/../.."
purpose=${1:-}
python=${PYTHON:-python3}
rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

# Each check is a command that succeeds where the tool is there; the packages may be none. What is no package may have a
# command that installs it.
checks=() packages=() sentences=() commands=()
need() { checks+=("$1") packages+=("$2") sentences+=("$3") commands+=("${4:-}"); }

# version version: whether the second is the first or later.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
has_rust() { at_least "$rust_wanted" "$(cargo --version | cut -d' ' -f2)"; }
has_linker() { echo 'int main(void) { return 0; }' | cc -x c - -o /dev/null; }
has_python() { "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; }

need_rust() {
	need has_rust "" "Rust $rust_wanted or later, as rustup installs it; here is: $(cargo --version 2>/dev/null || echo none)"
	need has_linker "gcc libc6-dev" "a C compiler that links (cc), which Rust needs as well"
}

need_python() {
	need has_python python3 "Python 3.11 or later, as PYTHON=...; here is: $("$python" --version 2>/dev/null || echo none)"
	need "$python -c 'import ensurepip, venv'" python3-venv "Python's modules venv and ensurepip"
}

need_checks() {
	need "cargo fmt --version" "" "rustfmt (rustup component add rustfmt)"
	need "cargo clippy --version" "" "clippy (rustup component add clippy)"
	need "c++ --version" g++ "a C++ compiler (c++)"
	need "cmake --version" cmake "cmake"
	need "pkg-config --version" pkg-config "pkg-config"
	need "valgrind true" "valgrind libc6-dbg" "valgrind"
	need "openssl version" openssl "openssl"
	need "nm --version" binutils "binutils (nm, readelf)"
	need "git --version" git "git"
	need "tmux -V" tmux "tmux"
}

has_nightly_sources() { [ -d "$(rustc +nightly --print sysroot)/lib/rustlib/src/rust/library" ]; }

# The sanitizers are of the nightly compiler alone.
need_nightly() {
	need "cargo +nightly --version" "" "a nightly Rust (rustup toolchain install nightly)" \
		"rustup toolchain install nightly --profile minimal"
	need "c++ --version" g++ "a C++ compiler (c++)"
}

need_nightly_sources() {
	need has_nightly_sources "" "the standard library's source (rustup component add rust-src --toolchain nightly)" \
		"rustup component add rust-src --toolchain nightly"
}

# Fills `failing` with the indices of the checks that fail.
run_checks() {
	failing=()
	for index in "${!checks[@]}"; do
		(eval "${checks[index]}") >/dev/null 2>&1 || failing+=("$index")
	done
}

install_packages() {
	local wanted="" as_root=""
	for index in "${failing[@]}"; do wanted="$wanted ${packages[index]}"; done
	[ -n "${wanted// /}" ] && command -v apt-get >/dev/null || return 0
	[ "$(id -u)" = 0 ] || as_root="sudo -n"
	echo "installing$wanted"
	# shellcheck disable=SC2086  # a list of words
	$as_root apt-get update -qq &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null || true
}

# In their order: a component comes after its toolchain.
install_by_command() {
	for index in "${failing[@]}"; do
		[ -z "${commands[index]}" ] || { echo "${commands[index]}" && ${commands[index]}; } || true
	done
}

case $purpose in
install | races) need_rust ;;
fuzz) need_rust && need_nightly ;;
tsan) need_rust && need_nightly && need_nightly_sources ;;
run | wheel | bench) need_rust && need_python ;;
test) need_rust && need_python && need_checks ;;
*) echo "tools.sh: '$purpose' is none of run, wheel, install, bench, test, races, fuzz, tsan" >&2 && exit 2 ;;
esac
run_checks
if [ ${#failing[@]} -gt 0 ]; then
	install_packages
	install_by_command
	run_checks
fi
if [ ${#failing[@]} -gt 0 ]; then
	echo "make $purpose wants what could not be installed here:" >&2
	for index in "${failing[@]}"; do echo "  - ${sentences[index]}" >&2; done
	exit 1
fi
