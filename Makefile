# `make help` lists what there is. Everything happens in .venv and in the state folder (.state).

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
# Tests wait for servers, workers and browsers, so three share two cores.
TEST_ARGS ?= -n $(shell echo $$(( $$(nproc) * 3 / 2 ))) --dist loadgroup
ifdef PORT
export PORT
endif

# With the tools for development installed there is no going back: they contain what running needs.
ENVIRONMENT := $(if $(wildcard .venv/dev.stamp),.venv/dev.stamp,.venv/run.stamp)

.DEFAULT_GOAL := help
.PHONY: help run setup test fuzz faults bench demo-reset shell lint types contracts migrations-check packages lock

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST)

run: $(ENVIRONMENT) ## set up what is missing and serve at http://127.0.0.1:8000/ (PORT=…)
	@exec $(BIN)/python -m leadscoring.ops.run

setup: $(ENVIRONMENT) ## set up everything without serving
	@$(BIN)/python manage.py set_up

test: .venv/dev.stamp packages lint types contracts migrations-check ## all checks and all tests (TEST_ARGS=…)
	$(BIN)/python -m pytest $(TEST_ARGS)

fuzz: .venv/dev.stamp ## ask the API for what nobody would think of (FUZZ_EXAMPLES=… for each operation)
	$(BIN)/python -m pytest -n 0 tests/api/fuzz.py

faults: .venv/dev.stamp ## kill web, worker, broker and database while events come in (FAULT_EVENTS=… FAULT_KILLS=…)
	$(BIN)/python -m tests.faults.run

bench: $(ENVIRONMENT) ## measure (ARGS="--leads 1000000 …")
	$(BIN)/python manage.py bench $(ARGS)

demo-reset: $(ENVIRONMENT) ## throw the embedded database away and make the demo company anew
	@$(BIN)/python -m leadscoring.ops.reset
	@$(BIN)/python manage.py set_up

shell: $(ENVIRONMENT) ## a Python shell with the app's models
	@$(BIN)/python manage.py shell

lint: .venv/dev.stamp ## ruff: rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/dev.stamp ## mypy, strict
	$(BIN)/mypy

contracts: .venv/dev.stamp ## who may import whom
	$(BIN)/lint-imports

migrations-check: .venv/dev.stamp ## no migration is missing
	$(BIN)/python manage.py makemigrations --check --dry-run

lock: .venv/dev.stamp ## write requirements*.txt anew from requirements*.in
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -c requirements.txt requirements-dev.in -o requirements-dev.txt

packages:
	@set -e; missing=; \
	test -x "$${TEST_CHROMIUM:-/usr/bin/chromium}" || missing="chromium"; \
	test -d /usr/share/fonts/truetype || missing="$$missing fonts-dejavu-core"; \
	command -v curl >/dev/null || missing="$$missing curl"; \
	test -n "$$missing" || exit 0; \
	if test "$$(id -u)" != 0; then \
		echo "The tests need Debian packages. As root: apt-get install $$missing" >&2; exit 1; \
	fi; \
	apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; PYTHON=… names one.")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing. As root: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the virtual environment .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)

.venv/run.stamp: requirements.txt .venv/bin/uv
	@echo "Installing the dependencies"
	@$(BIN)/uv pip sync -q --require-hashes requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/bin/uv
	@echo "Installing the dependencies and the tools for development"
	@$(BIN)/uv pip sync -q --require-hashes requirements-dev.txt
	@touch $@
