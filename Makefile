# Tiku: `make run` serves the question bank, `make test` runs all tests; `make help` lists the rest.
# Only Python 3.11 or later and make are needed; everything goes into .venv and var/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup run test check evaluate bench format lint types imports coverage lock openapi clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/run.stamp ## Make .venv with the locked packages that running needs

run: $(VENV)/run.stamp ## Migrate, seed and serve the bank on http://127.0.0.1:8000
	@$(BIN)/tiku migrate
	@$(BIN)/python -m seed
	@$(BIN)/tiku serve

test: $(VENV)/dev.stamp ## Run all tests
	$(BIN)/pytest

check: lint types imports coverage ## Everything that CI runs: lint, types, import contracts, tests

lint: $(VENV)/dev.stamp ## Check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/dev.stamp ## Check types
	$(BIN)/mypy

imports: $(VENV)/dev.stamp ## Check that each layer imports only lower ones
	$(BIN)/lint-imports

coverage: $(VENV)/dev.stamp ## Run all tests and ask that every branch that matters was taken
	$(BIN)/pytest --cov --cov-report=term

evaluate: $(VENV)/dev.stamp ## Measure the answer check: figures, baseline, kinds, worst decisions
	$(BIN)/python -m benchmarks.evaluate $(EVALUATE)

bench: $(VENV)/dev.stamp ## Measure reads against a bare server: make bench SIZE="1000 100000"
	$(BIN)/python -m benchmarks.read_speed --size $(SIZE)

SIZE ?= 1000

format: $(VENV)/dev.stamp ## Format the code and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

openapi: $(VENV)/dev.stamp ## Write tests/openapi.json anew after a meant change of the API
	$(BIN)/python -m tests.openapi

lock: $(VENV)/dev.stamp ## Lock the packages of pyproject.toml anew, with hashes
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK) -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK) -o requirements/dev.txt

LOCK := --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --quiet

clean: ## Remove .venv and caches; the bank in var/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage

# A stamp is as new as its lock: packages are installed again only when the lock changes. The locks are
# complete; without --no-deps pip would look for newer releases wherever a package asks for an extra.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements/run.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(VENV)
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements/dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.stamp

$(VENV):
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Tiku needs Python 3.11 or later: make PYTHON=python3.11"'
	$(PYTHON) -m venv $(VENV)
