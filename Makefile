# rustchat: `make run` serves a chat, `make test` checks everything, `make bench` measures.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
PREFIX ?= /usr/local
HOST ?= 127.0.0.1
PORT ?= 60000

-include bindings/c/c.mk tests/c/tests.mk
include bindings/python/python.mk
include tests/fuzz/fuzz.mk

.PHONY: help
help: ## show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 24

.PHONY: run
run: tools-run python-build ## build, and serve a chat on 127.0.0.1:60000
	@echo "join from another terminal:  nc $(HOST) $(PORT)   or   $(VENV)/bin/rustchat chat $(HOST) $(PORT)"
	$(VENV)/bin/rustchat serve --host $(HOST) --port $(PORT)

.PHONY: test
test: tools-test lint test-rust test-c python-test ## everything: Rust, C, Python
	@echo "make test: all green"

# What a target wants of the machine, before anything of it is built: installed, or named in a sentence.
tools-%:
	@bash tests/machine/tools.sh $*

.PHONY: lint
lint: python-venv ## formatting and lints of everything
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	cargo clippy -p rustchat --no-default-features --features capi --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

.PHONY: test-rust
test-rust: ## Rust: unit, property and integration tests, doctests
	cargo test --workspace --exclude rustchat-python
	cargo test -p rustchat --no-default-features --test tls_absent
	cargo test -p rustchat --no-default-features --features capi --lib -- capi::tls_options

test-rust: fuzz-check

.PHONY: stress
stress: ## the Rust suite twenty times while both cores are busy
	@cargo test --workspace --exclude rustchat-python --no-run; \
	for core in 1 2; do (while :; do :; done) & done; trap 'kill $$(jobs -p)' EXIT; \
	for round in $$(seq 20); do echo "round $$round"; cargo test -q --workspace --exclude rustchat-python; done

# Builds of their own kinds lie apart, so that none makes the others anew.
RACES_BUILD := $(or $(CARGO_TARGET_DIR),target)/races
TSAN_BUILD := $(or $(CARGO_TARGET_DIR),target)/tsan

.PHONY: races
races: tools-races ## the locks, queues and inboxes in very many orders of their threads' steps
	RUSTFLAGS="--cfg shuttle" cargo clippy -p rustchat --lib --profile test --target-dir $(RACES_BUILD) -- -D warnings
	RUSTFLAGS="--cfg shuttle" cargo test -p rustchat --lib --target-dir $(RACES_BUILD) -- races --skip tests::

.PHONY: tsan
tsan: tools-tsan ## the Rust tests under ThreadSanitizer
	bash tests/machine/tsan.sh $(TSAN_BUILD) $(TESTS)

.PHONY: check-fresh
check-fresh: ## make run, test, wheel, install and bench in a minimal Debian system with nothing installed by hand (root)
	bash tests/machine/check-fresh.sh

.PHONY: bench-check
bench-check: ## lints and tests of what is measured with, the load generator above all
	cargo fmt --manifest-path benches/Cargo.toml --all --check
	cargo clippy --manifest-path benches/Cargo.toml --target-dir $(C_TARGET) --workspace --all-targets -- -D warnings
	cargo test --manifest-path benches/Cargo.toml --target-dir $(C_TARGET) --workspace

.PHONY: bench
bench: tools-bench python-build ## rustchat beside its peers, as a table
	$(VENV)/bin/python benches/run.py $(SCENES)

.PHONY: clean
clean: ## remove what was built
	cargo clean
	rm -rf build $(VENV)
