# Everything here does its own set-up in .venv and build/, and leaves nothing
# outside of this tree.  `make help` lists the targets.
#
#   PYTHON=python3.12   the Python to use (3.10 or newer; see also VENV)
#   CC=clang            the C compiler
#   TWISTED=22.4.0      this version of Twisted instead of the newest
#   PYTEST_ARGS=...     more arguments for pytest
#   BENCH_ARGS=...      arguments for both programs of make bench
#   PROCESSES=1         for pytest, instead of two; 0: in pytest itself, for a debugger

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Given by hand or by the environment, the compiler is Python's extension's too.
ifneq ($(origin CC),default)
export CC
endif

ifdef TWISTED
TWISTED_PIN := Twisted[tls]==$(TWISTED)
endif

PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
FUZZ_SECONDS ?= 20
PROCESSES ?= 2

.PHONY: help demo test quick ctest ctest-programs pytest fuzz portable lint dist
.PHONY: twisted-suite matrix bench bench-plot instructions clean extension

help:
	@echo 'make demo           download the mailbox of an embedded server'
	@echo 'make test           the C tests and the Python tests'
	@echo 'make quick          what most breaks shows, in half a minute: the C tests without the vectors,'
	@echo '                    the Python tests that are not marked slow, with few generated examples'
	@echo 'make ctest          the C tests, without Python, under ASan and UBSan'
	@echo 'make pytest         the Python tests'
	@echo 'make fuzz           fuzz the C core with clang, FUZZ_SECONDS=$(FUZZ_SECONDS) each'
	@echo 'make portable       the C tests on emulated machines: 64-bit ARM, big-endian s390x'
	@echo "make twisted-suite  Twisted's own tests of IMAP over our client"
	@echo 'make matrix         these, vectors and references on CPython 3.14, 3.15 and debug builds'
	@echo 'make bench          ours beside other clients, into benchmarks/*.json: 25 minutes;'
	@echo '                    BENCH_ARGS=--quick: 5 minutes, and nothing is written'
	@echo 'make bench-plot     table and charts of the README from these'
	@echo 'make instructions   count what the C parser takes for a message (valgrind)'
	@echo 'make lint           ruff, mypy and clang-format'
	@echo 'make dist           sdist and wheel, and a look at the wheel'
	@echo 'make clean          remove whatever was made'

# -- set-up --------------------------------------------------------------------

# One stamp for each set of packages; a change of pyproject.toml renews them.
$(VENV)/.python: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	    { echo 'twisted_imapc: Python 3.10 or newer is needed; say which: make PYTHON=...'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo 'twisted_imapc: this Python cannot make virtual environments; on Debian and' \
	           'Ubuntu: apt-get install python3-venv'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) 'setuptools>=77'
	@touch $@

# The extension comes first, by setup.py itself: what it has to say about a
# missing compiler should not be buried in pip's output.
$(VENV)/.runtime: $(VENV)/.python | extension
	$(PIP) --no-build-isolation -e . $(TWISTED_PIN)
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	$(PIP) --no-build-isolation -e '.[test]' $(TWISTED_PIN)
	@touch $@

$(VENV)/.bench: $(VENV)/.runtime
	$(PIP) --no-build-isolation -e '.[bench]' $(TWISTED_PIN)
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	$(PIP) --no-build-isolation -e '.[test,lint]' $(TWISTED_PIN)
	@touch $@

# setup.py knows which source is newer than what, but not that the compiler or a
# switch is another one now.
BUILT_WITH := $(CC) $(CFLAGS) $(TWISTED_IMAPC_WERROR) $(TWISTED_IMAPC_DEBUG) $(TWISTED_IMAPC_SANITIZE)

extension: $(VENV)/.python
	@mkdir -p build
	@force=; if [ "$$(cat build/.built-with 2>/dev/null)" != '$(BUILT_WITH)' ]; then force=--force; fi; \
	    $(BIN)/python setup.py --quiet build_ext --inplace $$force; \
	    echo '$(BUILT_WITH)' > build/.built-with

# -- what one wants ------------------------------------------------------------

demo: extension $(VENV)/.runtime
	@$(BIN)/python -m twisted_imapc demo --output build/demo.mbox

C_TESTS := $(patsubst tests/core/%.c,build/core/%,$(sort $(wildcard tests/core/test_*.c)))
QUICK_C_TESTS := $(filter-out build/core/test_vectors,$(C_TESTS))
RUN_C_TESTS = for program in $(C_TESTS); do echo "$$program"; "./$$program" || exit 1; done

# A file's tests stay in one process, with the servers that they share.
PYTEST := $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile

# The C tests run beside the others and are done before these.
test: extension $(VENV)/.test ctest-programs
	@($(RUN_C_TESTS)) & c_tests=$$!; failed=; \
	$(PYTEST) $(PYTEST_ARGS) || failed=1; \
	wait $$c_tests || { echo 'the C tests failed, see above' >&2; failed=1; }; \
	test -z "$$failed"

quick: extension $(VENV)/.test $(QUICK_C_TESTS)
	@$(foreach program,$(QUICK_C_TESTS),echo $(program); $(program);)
	TWISTED_IMAPC_EXAMPLES=4 $(PYTEST) -m 'not slow' $(PYTEST_ARGS)

pytest: extension $(VENV)/.test
	$(PYTEST) $(PYTEST_ARGS)

twisted-suite: extension $(VENV)/.test
	$(BIN)/python tests/drop_in/run_twisted_suite.py --way fast
	$(BIN)/python tests/drop_in/run_twisted_suite.py --way lines

# Sets itself up, in a folder of its own.
matrix:
	@bash tests/matrix.sh

# On Debian: dovecot-imapd for a real server; libetpan-dev, pkg-config and gcc for
# that client.  What is missing is left out, and said to be.
bench: extension $(VENV)/.bench
	$(BIN)/python benchmarks/compare.py $(BENCH_ARGS)
	$(BIN)/python benchmarks/rates.py $(BENCH_ARGS)

bench-plot: $(VENV)/.bench
	$(BIN)/python benchmarks/readme_table.py
	$(BIN)/python benchmarks/charts.py

instructions: extension $(VENV)/.runtime
	$(BIN)/python benchmarks/instructions.py

lint: extension $(VENV)/.lint
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/clang-format --dry-run -Werror $(sort $(wildcard csrc/*/*.[ch] tests/core/*.[ch] benchmarks/peers/*.c))

# The wheel is looked at from the root directory, where nothing of this tree is
# on Python's path.
dist: $(VENV)/.python
	$(PIP) build
	rm -rf dist build/wheel
	$(BIN)/python -m build --outdir dist
	$(PYTHON) -m venv build/wheel
	build/wheel/bin/python -m pip --quiet --disable-pip-version-check install dist/*.whl
	@here="$$PWD"; cd / && "$$here/build/wheel/bin/python" -c \
	    'import twisted_imapc as t; from twisted_imapc import _imapc; print("imported", t.__file__)'
	@here="$$PWD"; cd / && "$$here/build/wheel/bin/python" -m twisted_imapc demo \
	    --output "$$here/build/wheel/demo.mbox"

clean:
	rm -rf $(VENV) .venv build dist *.egg-info twisted_imapc/*.so
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache _trial_temp*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- the C tests ---------------------------------------------------------------

CORE := $(sort $(wildcard csrc/core/*.c))
C_HEADERS := $(wildcard csrc/core/*.h tests/core/*.h)
C_FUZZERS := $(patsubst tests/core/%.c,build/core/%,$(sort $(wildcard tests/core/fuzz_*.c)))
# What the programs share.
C_COMMON := $(filter-out tests/core/test_%.c tests/core/fuzz_%.c,$(sort $(wildcard tests/core/*.c)))
C_OBJECTS := $(patsubst %.c,build/core/%.o,$(notdir $(CORE) $(C_COMMON)))
vpath %.c csrc/core tests/core

C_FLAGS := -std=c11 -g -O1 -Wall -Wextra -Icsrc/core -Itests/core
ifneq ($(filter-out 0,$(TWISTED_IMAPC_WERROR)),)
C_FLAGS += -Werror
endif
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

# Which compiler the programs here are built with, and whether its sanitizers
# work on this machine: only trying tells.
build/core/.flags: FORCE
	@mkdir -p build/core
	@if echo 'int main(void) { return 0; }' | \
	        $(CC) $(SANITIZE) -x c - -o build/core/probe 2>/dev/null && build/core/probe; \
	    then flags='$(SANITIZE)'; \
	    else flags=; echo "$(CC) has no sanitizers here: the C tests run without" >&2; fi; \
	    echo "$(CC) $(C_FLAGS) $$flags" > $@.new; \
	    cmp --silent $@.new $@ && rm $@.new || mv $@.new $@

.PHONY: FORCE
FORCE:

$(C_OBJECTS): build/core/%.o: %.c $(C_HEADERS) build/core/.flags
	$$(cat build/core/.flags) -c $< -o $@

$(C_TESTS): build/core/%: tests/core/%.c $(C_OBJECTS) $(C_HEADERS) build/core/.flags
	$$(cat build/core/.flags) $< $(C_OBJECTS) -o $@

# The wires of tests/vectors, as a C program can read them.
build/core/vectors.bin: tests/core/make_vectors.py $(wildcard tests/vectors/*.jsonl)
	@mkdir -p build/core
	$(PYTHON) $< $@

ctest-programs: $(C_TESTS) build/core/vectors.bin

ctest: ctest-programs
	@$(RUN_C_TESTS)

build/core/fuzz_%: tests/core/fuzz_%.c $(C_COMMON) $(CORE) $(C_HEADERS)
	@mkdir -p build/core
	clang $(C_FLAGS) $(SANITIZE) -fsanitize=fuzzer $< $(C_COMMON) $(CORE) -o $@

fuzz: $(C_FUZZERS)
	@for program in $(C_FUZZERS); do \
	    mkdir -p "$$program.corpus"; \
	    "./$$program" -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=4096 -timeout=20 \
	        -artifact_prefix="$$program." "$$program.corpus"; \
	done

# -- the C tests on other machines ---------------------------------------------

# Debian: gcc-aarch64-linux-gnu, gcc-s390x-linux-gnu, libc6-dev-arm64-cross,
# libc6-dev-s390x-cross, qemu-user.  Static, so that the emulator finds all of it;
# the sanitizers do not work there, and large wires take minutes.
MACHINES := aarch64 s390x

define on_machine
build/portable/$(1)/test_%: tests/core/test_%.c $$(C_COMMON) $$(CORE) $$(C_HEADERS)
	@mkdir -p $$(@D)
	$(1)-linux-gnu-gcc $$(C_FLAGS) -static $$< $$(C_COMMON) $$(CORE) -o $$@

PORTABLE_TESTS += $$(C_TESTS:build/core/%=build/portable/$(1)/%)
endef
$(foreach machine,$(MACHINES),$(eval $(call on_machine,$(machine))))

build/portable/vectors.bin: tests/core/make_vectors.py $(wildcard tests/vectors/*.jsonl)
	@mkdir -p build/portable
	$(PYTHON) $< $@ 8192

portable: $(PORTABLE_TESTS) build/portable/vectors.bin
	@for program in $(PORTABLE_TESTS); do \
	    machine="$${program#build/portable/}"; echo "$$program"; \
	    "qemu-$${machine%%/*}" "$$program" build/portable/vectors.bin; \
	done
