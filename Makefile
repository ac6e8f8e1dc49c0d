# One entry for people and for CI. `make help` lists what there is.
# Everything needs .venv, which is set up on demand and again only when requirements.lock changes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help demo bench elasticity chaos test lint format lock clean setup rules schemas stack kernel services pipeline registry docs

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
KERNEL := $(VENV)/.kernel
COMPILED := $(wildcard streams/*.py)
QUIX := $(VENV)/quix/.set-up
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

help:  ## List what make can do
	@awk -F ':.*## ' '/^[a-z -]+:.*## / {sub(/ .*/, "", $$1); printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(KERNEL)  ## Start it all on this machine and watch a few orders go through
	@$(BIN)/sx demo

bench: $(KERNEL) $(QUIX)  ## Measure it beside Faust, Quix Streams and a bare loop (below ten minutes)
	@$(BIN)/sx bench

elasticity: $(KERNEL)  ## Measure what workers that come and go cost (below ten minutes; QUICK=1: two, small)
	@$(BIN)/python -m bench.elasticity $(if $(QUICK),--quick)

test: $(KERNEL) lint  ## Lint, then every test by layer, the fast ones first
	@$(BIN)/python -m tests

kernel services pipeline registry docs: $(KERNEL)
rules schemas stack kernel services pipeline registry docs: $(STAMP)  ## One layer: rules, schemas, stack, kernel, services, pipeline, registry, docs
	@$(BIN)/python -m tests $@

chaos: $(KERNEL)  ## Faults under live traffic, then the checks: FOR=30m, SEED=n for the same faults again
	@$(BIN)/python -m tests.chaos $(if $(FOR),--for $(FOR)) $(if $(SEED),--seed $(SEED))

lint: $(STAMP)  ## Check style, format, types and the arrows between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(STAMP)  ## Put the code into its format, and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The lock names no index: it holds hashes, and whoever installs from it says where from.
# Versions that it holds stay; UPGRADE=1 takes the newest that pyproject.toml allows.
lock: $(STAMP)  ## Write requirements.lock anew from pyproject.toml (UPGRADE=1: newest versions)
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile pyproject.toml --quiet \
		--all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
		--output-file requirements.lock
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile bench/quix.in --quiet \
		--universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
		--output-file bench/quix.lock

clean:  ## Remove what builds and checkers left (.venv and the local stack's data stay)
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

setup: $(KERNEL)  ## Set up .venv (every other target does so by itself)

# The first Python that is new enough, unless PYTHON says which.
PYTHON ?=
FIND_PYTHON = for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		python=; \
	done

# The copy of the lock that was installed lies in .venv: a checkout that only touched the file,
# or a change of pyproject.toml alone, downloads nothing.
$(STAMP): requirements.lock pyproject.toml schemas/avro/_native.c
	@test -x $(BIN)/python || { $(FIND_PYTHON); \
		test -n "$$python" || { \
			echo "Python 3.11 or newer is needed; $$($(or $(PYTHON),python3) --version 2>&1) is what $(or $(PYTHON),python3) is here."; \
			echo "Install one, or name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; \
			exit 1; } >&2; \
		echo "Setting up $(VENV) with $$("$$python" --version) …"; \
		"$$python" -m venv $(VENV) || { \
			rm -rf $(VENV); \
			echo "python -m venv failed: on Debian and Ubuntu it is the package python3-venv." >&2; \
			exit 1; }; }
	@cmp -s requirements.lock $(VENV)/requirements.lock || { \
		echo "Installing the libraries of requirements.lock (once, a minute or two) …"; \
		$(PIP) install --quiet --require-hashes -r requirements.lock || { \
			echo "The libraries could not be installed: see above; without network, try again with it." >&2; \
			exit 1; }; \
		cp requirements.lock $(VENV)/requirements.lock; }
	@PYTHONWARNINGS=ignore $(PIP) install --quiet --no-index --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c "from schemas.avro import IN_USE; IN_USE == 'compiled' or print('codec:', IN_USE)"
	@touch $@

# What runs for each record, compiled. It is optional, as the codec is: without a compiler the
# sources run, and so they do where one has changed since.
$(KERNEL): stack/compile_kernel.py $(COMPILED) $(STAMP)
	@echo "Compiling the kernel (a quarter of a minute) …"
	@$(BIN)/python -m stack.compile_kernel > $(VENV)/compile.log 2>&1 || tail -1 $(VENV)/compile.log
	@touch $@

# A peer of `make bench` that pins an older Kafka client than ours: it has an environment of its own.
$(QUIX): bench/quix.lock | $(STAMP)
	@test -x $(VENV)/quix/bin/python || $(BIN)/python -m venv $(VENV)/quix
	@echo "Installing Quix Streams for the comparison (once, half a minute) …"
	@$(VENV)/quix/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
		--require-hashes -r bench/quix.lock
	@touch $@
