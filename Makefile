# Everything here does its own set-up in .venv and build/, and leaves nothing
# outside of this tree.  `make help` lists the targets.
#
#   PYTHON=python3.12   the Python to use (3.10 or newer), from now on
#   VENV=FOLDER         another virtual environment than .venv; here alone, not by the
#                       environment of the shell, where it may be meant for something else
#   PYTHONS='... ...'   for make dist: all of the Pythons that get a wheel
#   CC=clang            the C compiler
#   TWISTED=22.4.0      this version of Twisted instead of the newest
#   PYTEST_ARGS=...     more arguments for pytest
#   BENCH_ARGS=...      arguments for both programs of make bench
#   PROCESSES=1         for pytest, instead of two; 0: in pytest itself, for a debugger

PYTHON ?= python3
VENV := .venv
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

FUZZ_SECONDS ?= 20
PROCESSES ?= 2

# What builds the sdist and its wheels.
PYTHONS ?= $(PYTHON)

.PHONY: help demo test quick ctest ctest-programs pytest fuzz portable lint dist
.PHONY: twisted-suite matrix bench bench-plot instructions clean extension

help:
	@echo 'make demo           download the mailbox of an embedded server'
	@echo 'make test           the C tests and the Python tests'
	@echo 'make quick          what most breaks shows, in half a minute: the C tests without the vectors,'
	@echo '                    the Python tests that are not marked slow, with few generated examples'
	@echo 'make ctest          the C tests, without Python, under ASan and UBSan'
	@echo 'make pytest         the Python tests'
	@echo 'make fuzz           fuzz the C core with clang, and typed parsers, FUZZ_SECONDS=$(FUZZ_SECONDS) each'
	@echo 'make portable       the C tests on emulated machines: 64-bit ARM, big-endian s390x'
	@echo "make twisted-suite  Twisted's own tests of IMAP over our client"
	@echo 'make matrix         these, vectors and references on CPython 3.14, 3.15 and debug builds'
	@echo 'make bench          ours beside other clients, into benchmarks/*.json: 25 minutes;'
	@echo '                    BENCH_ARGS=--quick: 5 minutes, and nothing is written'
	@echo 'make bench-plot     table and charts of the README from these'
	@echo 'make instructions   count what the C parser takes for a message (valgrind)'
	@echo 'make lint           ruff, mypy, pyright, clang-format, the .rst files, what builds a release'
	@echo 'make dist           sdist and wheels as they are released, each tried in an empty environment'
	@echo 'make clean          remove whatever was made'

# -- what this machine may lack ------------------------------------------------

# Each is one line of the shell that says so in one line, and goes no further.
stop = { echo "twisted_imapc: $(1)" >&2; exit 1; }

# $(call need,PROGRAM,PACKAGES)
need = command -v $(firstword $(1)) >/dev/null || \
    $(call stop,'$(firstword $(1))' is not on the PATH; $(APT) $(2))
APT := on Debian and Ubuntu: apt-get install

# $(call need_python,PYTHON): that it is there, that it runs, that it is one, that it is
# new enough.
need_python = command -v $(1) >/dev/null || \
    $(call stop,there is no '$(1)' on the PATH; $(OTHER_PYTHON)); \
    said="$$($(1) -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>&1)" || \
    $(call stop,'$(1)' ($$($(1) -V 2>/dev/null | grep '^Python [0-9.]*' || \
        echo 'of no known version')) does not run: $$(head -n 1 <<<"$$said"); $(OTHER_PYTHON)); \
    [[ "$$said" =~ ^[0-9]+(\.[0-9]+)+$$ ]] || $(call stop,'$(1)' is no Python; $(OTHER_PYTHON)); \
    $(1) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
    $(call stop,'$(1)' is Python $$said; $(OTHER_PYTHON))
OTHER_PYTHON := say which Python (3.10 or newer) to use: make PYTHON=...

# $(call pip,PYTHON,ARGUMENTS): what it says is shown, unless it is that its last retry
# was in vain.
pip = mkdir -p build; \
    $(1) -m pip --quiet --disable-pip-version-check $(2) >build/pip.log 2>&1 || { \
        ! grep --quiet '$(LAST_RETRY)' build/pip.log || \
            $(call stop,pip finds no way to PyPI; if there is one by a proxy or a mirror: set \
                https_proxy or PIP_INDEX_URL (build/pip.log has what it said)); \
        cat build/pip.log >&2; exit 1; }; \
    cat build/pip.log >&2
LAST_RETRY := Retry(total=0,
export PIP_RETRIES ?= 2

# -- set-up --------------------------------------------------------------------

# $(call need_ours,FOLDER): that it is a virtual environment that was made here, or that
# there is none.  No other folder is ever removed, whoever's it is.
need_ours = test -e '$(1)/$(OURS)' || test -z "$$(ls -A '$(1)' 2>/dev/null)" || \
    $(call stop,'$(1)' was not made by this make and stays as it is; remove it by hand if it \
        is yours to remove or say which folder to use: make VENV=...)
OURS := .made-by-make

# The same for a Python and its virtual environments, another for all others.
IDENTITY := 'import sys; print(sys.version, sys.base_prefix, hasattr(sys, "gettotalrefcount"))'

# One stamp for each set of packages; a change of pyproject.toml renews them.  PYTHON is
# looked at where it was given, or where there is no virtual environment that works.
$(VENV)/.python: pyproject.toml FORCE
	@if ! test -x $(BIN)/python || test '$(origin PYTHON)' != file; then \
	    $(call need_python,$(PYTHON)); \
	    theirs="$$($(BIN)/python -c $(IDENTITY) 2>/dev/null || true)"; \
	    if test "$$theirs" != "$$($(PYTHON) -c $(IDENTITY))"; then \
	        $(call need_ours,$(VENV)); \
	        if test -e $(VENV)/pyvenv.cfg; then \
	            had="$${theirs%% *}"; \
	            echo "$(VENV) is made anew: it had Python $${had:-that is gone}," \
	                 "and $(PYTHON) is $$($(PYTHON) -c $(IDENTITY) | cut -d ' ' -f 1)"; \
	            rm -rf $(VENV); \
	        fi; \
	        $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	            $(call stop,'$(PYTHON)' cannot make virtual environments; $(APT) python3-venv); \
	        mkdir -p $(VENV) && touch $(VENV)/$(OURS); \
	        $(PYTHON) -m venv $(VENV); \
	    fi; \
	fi
	@test $@ -nt pyproject.toml || { $(call pip,$(BIN)/python,install 'setuptools>=77'); touch $@; }

# The extension comes first, by setup.py itself: what it has to say about a
# missing compiler should not be buried in pip's output.
$(VENV)/.runtime: $(VENV)/.python | extension
	@$(call pip,$(BIN)/python,install --no-build-isolation -e . $(TWISTED_PIN))
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	@$(call pip,$(BIN)/python,install --no-build-isolation -e '.[test]' $(TWISTED_PIN))
	@touch $@

$(VENV)/.bench: $(VENV)/.runtime
	@$(call pip,$(BIN)/python,install --no-build-isolation -e '.[bench]' $(TWISTED_PIN))
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	@$(call pip,$(BIN)/python,install --no-build-isolation -e '.[lint]' $(TWISTED_PIN))
	@touch $@

$(VENV)/.dist: $(VENV)/.runtime
	@$(call pip,$(BIN)/python,install --no-build-isolation -e '.[dist]' $(TWISTED_PIN))
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
	@for file in *.rst docs/*.rst; do \
	    $(BIN)/docutils --report=info --exit-status=2 --writer=null "$$file"; \
	done
	$(BIN)/cibuildwheel --print-build-identifiers --platform linux >/dev/null
	$(BIN)/python -m mypy.stubtest --mypy-config-file pyproject.toml twisted_imapc._imapc
	$(BIN)/python tests/project/check_types.py
	$(BIN)/clang-format --dry-run -Werror $(sort $(wildcard csrc/*/*.[ch] tests/core/*.[ch] benchmarks/peers/*.c))

# The sdist, and out of it, as pip would do it, a wheel for each Python: without symbols,
# and called after the oldest glibc that it works with.  It is tried from the root
# directory, where nothing of this tree is on Python's path.
dist: extension $(VENV)/.dist
	rm -rf dist build/wheels
	$(BIN)/python -m build --sdist --no-isolation --outdir dist >/dev/null
	@number=0; for python in $(PYTHONS); do \
	    $(call need_python,"$$python"); \
	    number=$$((number + 1)); empty="$$PWD/build/wheels/$$number"; \
	    "$$python" -m venv "$$empty"; \
	    $(call pip,"$$empty/bin/python",wheel --no-deps --wheel-dir "$$empty/built" dist/*.tar.gz); \
	    PATH="$(abspath $(BIN)):$$PATH" auditwheel repair --strip \
	        --wheel-dir "$$empty/repaired" "$$empty"/built/*.whl; \
	    $(call pip,"$$empty/bin/python",install "$$empty"/repaired/*.whl); \
	    (cd / && "$$empty/bin/python" -m twisted_imapc demo --output "$$empty/demo.mbox"); \
	    cp "$$empty"/repaired/*linux_[0-9]*.whl dist; \
	    echo "works where nothing else is installed: $$(basename "$$empty"/repaired/*.whl)"; \
	done
	$(BIN)/twine check --strict dist/*

clean:
	@$(call need_ours,$(VENV)); $(call need_ours,.venv)
	rm -rf '$(VENV)' .venv build dist *.egg-info twisted_imapc/*.so
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache _trial_temp*
	find benchmarks examples tests twisted_imapc -name __pycache__ -type d -prune -exec rm -rf {} +

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
	@$(call need,$(CC),gcc libc6-dev)
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
	@$(call need_python,$(PYTHON))
	$(PYTHON) $< $@

ctest-programs: $(C_TESTS) build/core/vectors.bin

ctest: ctest-programs
	@$(RUN_C_TESTS)

build/core/fuzz_%: tests/core/fuzz_%.c $(C_COMMON) $(CORE) $(C_HEADERS)
	@mkdir -p build/core
	@$(call need,clang,clang libclang-rt-dev)
	clang $(C_FLAGS) $(SANITIZE) -fsanitize=fuzzer $< $(C_COMMON) $(CORE) -o $@

fuzz: $(C_FUZZERS) extension $(VENV)/.test
	@for program in $(C_FUZZERS); do \
	    mkdir -p "$$program.corpus"; \
	    "./$$program" -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=4096 -timeout=20 \
	        -artifact_prefix="$$program." "$$program.corpus"; \
	done
	$(BIN)/python tests/parser/fuzz_typed.py --seconds $(FUZZ_SECONDS)

# -- the C tests on other machines ---------------------------------------------

# Debian: gcc-aarch64-linux-gnu, gcc-s390x-linux-gnu, libc6-dev-arm64-cross,
# libc6-dev-s390x-cross, qemu-user.  Static, so that the emulator finds all of it;
# the sanitizers do not work there, and large wires take minutes.
MACHINES := aarch64 s390x

define on_machine
build/portable/$(1)/test_%: tests/core/test_%.c $$(C_COMMON) $$(CORE) $$(C_HEADERS)
	@mkdir -p $$(@D)
	@$$(call need,$(1)-linux-gnu-gcc,gcc-$(1)-linux-gnu qemu-user)
	$(1)-linux-gnu-gcc $$(C_FLAGS) -static $$< $$(C_COMMON) $$(CORE) -o $$@

PORTABLE_TESTS += $$(C_TESTS:build/core/%=build/portable/$(1)/%)
endef
$(foreach machine,$(MACHINES),$(eval $(call on_machine,$(machine))))

build/portable/vectors.bin: tests/core/make_vectors.py $(wildcard tests/vectors/*.jsonl)
	@mkdir -p build/portable
	@$(call need_python,$(PYTHON))
	$(PYTHON) $< $@ 8192

portable: $(PORTABLE_TESTS) build/portable/vectors.bin
	@for program in $(PORTABLE_TESTS); do \
	    machine="$${program#build/portable/}"; echo "$$program"; \
	    "qemu-$${machine%%/*}" "$$program" build/portable/vectors.bin; \
	done
