# Everything runs from .venv, made from hashes alone. Python 3.11 or later and make are all that is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
STYLE := service/isa_registry/pages/static/vendor/govuk-frontend.min.css
PORT ?= 8000
STATE ?= var/demo
WORKERS ?= 1

.PHONY: install demo test test-long test-guards lint format bench bench-deciding bench-register bench-authzen bench-log bench-events \
        bench-pages bench-tokens schemas clean

install: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml ui/package-lock.json ui/hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; set PYTHON=python3.11 or later." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@test -f $(STYLE) || printf '\n  %s\n  %s\n\n' 'The design system could not be fetched from npm, so pages have a plain style of our own.' 'Everything works. To mend it: rm $(STAMP) && make install' >&2
	@touch $@

demo: install
	$(BIN)/isa-registry demo --port $(PORT) --state $(STATE) --workers $(WORKERS)

# What is compiled is kept, whatever the environment says: the tests start hundreds of processes of the service.
test test-long: export PYTHONDONTWRITEBYTECODE =

test: install
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not long'

test-long: install
	$(BIN)/python -m pytest -n 2 --dist worksteal --hypothesis-profile=thorough

# Switches each guard off in a copy of the sources and says which test notices; some minutes.
test-guards: install
	$(BIN)/python tests/guards/switching.py

lint: install
	$(BIN)/ruff check service tests bench ui
	$(BIN)/ruff format --check service tests bench ui
	$(BIN)/mypy
	$(BIN)/mypy ui/hatch_build.py
	$(BIN)/lint-imports
	$(BIN)/isa-registry agreements lint
	$(BIN)/isa-registry catalogue check >/dev/null

format: install
	$(BIN)/ruff check --fix service tests bench ui
	$(BIN)/ruff format service tests bench ui

schemas: install
	$(BIN)/isa-registry openapi schemas

bench: install bench-deciding bench-authzen bench-events bench-pages
	$(BIN)/python -m bench

bench-deciding: install
	$(BIN)/python -m bench.deciding

bench-events: install
	$(BIN)/python -m bench.events

bench-pages: install
	$(BIN)/python -m bench.pages

bench-register: install
	$(BIN)/python -m bench.register

bench-authzen: install
	$(BIN)/python -m bench.authzen

bench-log: install
	$(BIN)/python -m bench.million

bench-tokens: install
	$(BIN)/python -m bench.tokens

clean:
	rm -rf $(VENV) var dist build
