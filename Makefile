# Everything runs from .venv, made from hashes alone. Python 3.11 or later and make are all that is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8000
STATE ?= var/demo
WORKERS ?= 1

.PHONY: install demo test test-long test-guards lint format bench bench-log schemas clean

install: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; set PYTHON=python3.11 or later." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	$(BIN)/isa-registry demo --port $(PORT) --state $(STATE) --workers $(WORKERS)

test: install
	$(BIN)/python -m pytest -n 2 -m 'not long'

test-long: install
	$(BIN)/python -m pytest -n 2

# Switches each guard off in a copy of the sources and says which test notices; some minutes.
test-guards: install
	$(BIN)/python tests/guards/switching.py

lint: install
	$(BIN)/ruff check service tests bench
	$(BIN)/ruff format --check service tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/isa-registry agreements lint
	$(BIN)/isa-registry catalogue check >/dev/null

format: install
	$(BIN)/ruff check --fix service tests bench
	$(BIN)/ruff format service tests bench

schemas: install
	$(BIN)/isa-registry openapi schemas

bench: install
	$(BIN)/python -m bench

bench-log: install
	$(BIN)/python -m bench.million

clean:
	rm -rf $(VENV) var dist build
