# The Python face: its virtual environment, build, checks and wheel. Included by the Makefile at the root.

VENV ?= .venv
PYTHON ?= python3
PY := $(VENV)/bin
PY_SOURCES := $(shell find python -name '*.py' -o -name '*.pyi') pyproject.toml bindings/python/Cargo.toml Cargo.toml \
	$(shell find bindings/python/src src -name '*.rs')

# Exported so that cargo's own checks of the workspace see the interpreter the extension is built for.
export PYO3_PYTHON := $(abspath $(PY)/python)

.PHONY: python-venv
python-venv: $(VENV)/.ready

$(VENV)/.ready: bindings/python/requirements-dev.txt | tools-run
	test -x $(PY)/python || $(PYTHON) -m venv $(VENV)
	$(PY)/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

.PHONY: python-build
python-build: $(VENV)/.built ## build the Python module (optimised) into .venv

$(VENV)/.built: $(VENV)/.ready $(PY_SOURCES)
	VIRTUAL_ENV=$(abspath $(VENV)) $(PY)/maturin develop --quiet --release
	touch $@

.PHONY: python-test
python-test: tools-test python-lint python-without-tls ## Python: tests, types, stubs and style
	RUSTCHAT_WITHOUT_TLS=$(abspath $(WITHOUT_TLS)) $(PY)/python -m pytest -q

# The same module without the feature, which one test loads: its symbols are those of whichever interpreter that is.
WITHOUT_TLS := $(or $(CARGO_TARGET_DIR),target)/debug/lib_rustchat.so

.PHONY: python-without-tls
python-without-tls: $(VENV)/.ready
	cargo clippy -p rustchat-python --no-default-features -- -D warnings
	PYO3_BUILD_EXTENSION_MODULE=1 cargo build --quiet -p rustchat-python --no-default-features

.PHONY: python-lint
python-lint: python-build
	$(PY)/ruff check python tests bindings benches
	$(PY)/ruff format --check python tests bindings benches
	$(PY)/mypy
	$(PY)/stubtest rustchat._rustchat

.PHONY: conformance
conformance: python-build ## the interpreters' own tests on rustchat's modules; writes docs/conformance.md
	$(PY)/python tests/python/conformance/run.py --write docs/conformance.md

.PHONY: packages
packages: python-build ## other people's servers and clients on rustchat's sockets, a program over each
	$(PY)/python -m pip install --quiet --disable-pip-version-check -r tests/packages/requirements.txt
	$(PY)/python -m pytest -q tests/packages tests/python/test_packages.py

.PHONY: wheel
wheel: tools-wheel $(VENV)/.ready ## build a wheel into build/wheels
	$(PY)/maturin build --quiet --release --out build/wheels

.PHONY: interop
interop: python-build ## messages with multiprocessing.connection of every Python found, all ways round
	$(PY)/python -m pytest -q tests/python/test_multiprocessing_interop.py --interop
