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

.PHONY: help
help: ## show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 24

.PHONY: run
run: python-build ## build, and serve a chat on 127.0.0.1:60000
	@echo "join from another terminal:  nc $(HOST) $(PORT)   or   $(VENV)/bin/rustchat chat $(HOST) $(PORT)"
	$(VENV)/bin/rustchat serve --host $(HOST) --port $(PORT)

.PHONY: test
test: lint test-rust test-c python-test ## everything: Rust, C, Python
	@echo "make test: all green"

# Debian's packages, where they are missing; elsewhere the test says what it wants.
.PHONY: tools
tools:
	@missing=""; for package in $(APT_C); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ] && command -v apt-get >/dev/null; then \
		sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; $$sudo apt-get update -qq; $$sudo apt-get install -y -qq $$missing; fi

.PHONY: lint
lint: python-venv ## formatting and lints of everything
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

.PHONY: test-rust
test-rust: ## Rust: unit, property and integration tests, doctests
	cargo test --workspace --exclude rustchat-python

.PHONY: stress
stress: ## the Rust suite twenty times while both cores are busy
	@cargo test --workspace --exclude rustchat-python --no-run; \
	for core in 1 2; do (while :; do :; done) & done; trap 'kill $$(jobs -p)' EXIT; \
	for round in $$(seq 20); do echo "round $$round"; cargo test -q --workspace --exclude rustchat-python; done

.PHONY: bench
bench: python-build ## rustchat beside its peers, as a table
	$(VENV)/bin/python benches/run.py $(SCENES)

.PHONY: clean
clean: ## remove what was built
	cargo clean
	rm -rf build $(VENV)
