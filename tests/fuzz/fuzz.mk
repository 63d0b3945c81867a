# Fuzzing under AddressSanitizer, and the replay of what is kept. Included by the Makefile at the root.
#
#   make fuzz [SECONDS=60] [TARGETS="frame capi"]

FUZZ := tests/fuzz
FUZZ_MANIFEST := $(FUZZ)/Cargo.toml
FUZZ_BUILD := $(or $(CARGO_TARGET_DIR),target)/fuzz
SECONDS ?= 60
TARGETS ?= $(basename $(notdir $(wildcard $(FUZZ)/targets/*.rs)))

.PHONY: fuzz
fuzz: tools-fuzz fuzz-build ## every fuzz target for SECONDS=60 each, under AddressSanitizer
	bash $(FUZZ)/run.sh $(FUZZ_BUILD) $(SECONDS) $(TARGETS)

.PHONY: fuzz-build
fuzz-build:
	bash $(FUZZ)/build.sh $(FUZZ_BUILD)

# What a long run has found is worth as many files of the corpus as lead anywhere else.
.PHONY: fuzz-corpus
fuzz-corpus: tools-fuzz fuzz-build ## keep what `make fuzz` has found, as few files as reach as far
	bash $(FUZZ)/minimise.sh $(FUZZ_BUILD) $(TARGETS)

.PHONY: fuzz-check
fuzz-check: ## the fuzz targets on the corpus that is kept, on any toolchain, and their lints
	cargo fmt --manifest-path $(FUZZ_MANIFEST) --all --check
	cargo clippy --manifest-path $(FUZZ_MANIFEST) --target-dir $(FUZZ_BUILD) --all-targets -- -D warnings
	cargo test --manifest-path $(FUZZ_MANIFEST) --target-dir $(FUZZ_BUILD)
