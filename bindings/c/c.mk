# The C library: building, examples, installing. Included by the Makefile at the root.
#
#   make install PREFIX=/usr/local [DESTDIR=…] [C_PROFILE=dev]

CARGO ?= cargo
CC ?= cc
CXX ?= c++
PREFIX ?= /usr/local
# Of a Cargo profile: release, or dev for tests, which builds in a few seconds.
C_PROFILE ?= release

C_VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
# The same number as in build.rs.
C_SONAME := librustchat.so.0
C_TARGET := $(or $(CARGO_TARGET_DIR),target)
C_BUILT := $(C_TARGET)/$(if $(filter dev,$(C_PROFILE)),debug,$(C_PROFILE))
C_OUT := build/c
CXX_PARTS := $(wildcard include/rustchat/*.hpp)
# What a static library of Rust needs of the system, by the compiler's own word.
# (Into a file of its own: as root rustc would put a plain file in the place of /dev/null.)
C_NATIVE = $(shell mkdir -p $(C_OUT); echo | rustc --crate-type staticlib --print native-static-libs -o $(C_OUT)/empty.a - 2>&1 | \
	sed -n 's/^note: native-static-libs: //p')

# Everything in C here is clean under these.
C_STRICT := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror
C_FLAGS := -std=c99 -g -O2 $(C_STRICT) -Wstrict-prototypes -Iinclude
CXX_FLAGS := -std=c++17 -g -O2 $(C_STRICT) -Iinclude
C_LINK = -L$(C_OUT)/lib -lrustchat -Wl,-rpath,$(abspath $(C_OUT)/lib) -pthread
C_EXAMPLES := $(patsubst bindings/c/examples/%.c,$(C_OUT)/%,$(wildcard bindings/c/examples/*.c)) \
	$(patsubst bindings/c/examples/%.cpp,$(C_OUT)/%_cpp,$(wildcard bindings/c/examples/*.cpp))

.PHONY: c-library
c-library: ## the C library, shared and static
	$(CARGO) build --profile $(C_PROFILE) --lib -p rustchat
	@mkdir -p $(C_OUT)/lib
	@ln -sf $(abspath $(C_BUILT))/librustchat.so $(C_OUT)/lib/librustchat.so
	@ln -sf librustchat.so $(C_OUT)/lib/$(C_SONAME)
	@ln -sf $(abspath $(C_BUILT))/librustchat.a $(C_OUT)/lib/librustchat.a

$(C_OUT)/%: bindings/c/examples/%.c include/rustchat.h | c-library
	$(CC) $(C_FLAGS) $< -o $@ $(C_LINK)

$(C_OUT)/%_cpp: bindings/c/examples/%.cpp include/rustchat.h include/rustchat.hpp $(CXX_PARTS) | c-library
	$(CXX) $(CXX_FLAGS) $< -o $@ $(C_LINK)

.PHONY: c-examples
c-examples: $(C_EXAMPLES) ## the C and C++ examples, into build/c

.PHONY: install
install: tools-install c-library ## the C library into PREFIX: headers, libraries, pkg-config, CMake
	install -d $(DESTDIR)$(PREFIX)/include/rustchat $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/lib/cmake/rustchat
	install -m 644 include/rustchat.h include/rustchat.hpp $(DESTDIR)$(PREFIX)/include
	install -m 644 $(CXX_PARTS) $(DESTDIR)$(PREFIX)/include/rustchat
	install -m 755 $(C_BUILT)/librustchat.so $(DESTDIR)$(PREFIX)/lib/librustchat.so.$(C_VERSION)
	ln -sf librustchat.so.$(C_VERSION) $(DESTDIR)$(PREFIX)/lib/$(C_SONAME)
	ln -sf $(C_SONAME) $(DESTDIR)$(PREFIX)/lib/librustchat.so
	install -m 644 $(C_BUILT)/librustchat.a $(DESTDIR)$(PREFIX)/lib
	sed -e 's/@VERSION@/$(C_VERSION)/' -e 's/@NATIVE@/$(C_NATIVE)/' bindings/c/install/rustchat.pc.in \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/rustchat.pc
	for file in rustchat-config rustchat-config-version; do \
		sed -e 's/@VERSION@/$(C_VERSION)/' -e 's/@NATIVE@/$(C_NATIVE)/' -e 's/@SONAME@/$(C_SONAME)/' \
			bindings/c/install/$$file.cmake.in > $(DESTDIR)$(PREFIX)/lib/cmake/rustchat/$$file.cmake; done

.PHONY: install-test
install-test: tools-test ## an example built and run against an installed copy, four ways
	$(MAKE) --no-print-directory install PREFIX=$(abspath $(C_OUT)/first) C_PROFILE=dev
	bash bindings/c/install/test.sh $(C_OUT) $(C_VERSION)

test-c: install-test
