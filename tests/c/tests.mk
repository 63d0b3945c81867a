# The gates of the C ABI, as `make test-c`. Included by bindings/c/c.mk, which says where the library is built.

C_TEST := $(C_OUT)/test
C_TEST_LIBRARIES := $(C_TEST)/lib

# Debug builds of both kinds, copied to where no later build replaces them under a running test.
.PHONY: c-test-libraries
c-test-libraries:
	@mkdir -p $(C_TEST_LIBRARIES)/panicking
	$(CARGO) build --quiet --lib -p rustchat --features panic-injection
	@cp $(C_TARGET)/debug/librustchat.so $(C_TEST_LIBRARIES)/panicking/$(C_SONAME)
	$(CARGO) build --quiet --lib -p rustchat
	@cp $(C_TARGET)/debug/librustchat.so $(C_TEST_LIBRARIES)/$(C_SONAME)
	@ln -sf $(C_SONAME) $(C_TEST_LIBRARIES)/librustchat.so
	@ln -sf $(C_SONAME) $(C_TEST_LIBRARIES)/panicking/librustchat.so

.PHONY: test-c
test-c: tools-test c-test-libraries ## the C face: header, symbols, layout, and every program plainly, sanitized and under valgrind
	bash tests/c/headers.sh $(C_TEST)
	bash tests/c/symbols.sh $(C_TEST_LIBRARIES)/librustchat.so
	bash tests/c/layout.sh $(C_TEST)
	bash tests/c/calls.sh
	bash tests/c/run.sh $(C_TEST_LIBRARIES) $(C_TEST)
	$(PYTHON) tests/c/misuse.py $(patsubst %,$(C_TEST)/misuse_%-plain,chat connections objects commands files)

# Some of the programs only: make test-c-programs PROGRAMS="events fork"
.PHONY: test-c-programs
test-c-programs: c-test-libraries
	bash tests/c/run.sh $(C_TEST_LIBRARIES) $(C_TEST) $(PROGRAMS)
