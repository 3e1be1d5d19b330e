# Two commands do everything: `make run` opens the app, `make test` checks it. Needs Python 3.11, make and git.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
.DEFAULT_GOAL := help

.PHONY: help run test lint format bench screenshots clean

help: ## show what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "MedMAT Explorer needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=/path/to/python3.11."; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the app needs into $(VENV) (about two minutes, once) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test: $(VENV)/.run tests/requirements.txt
	@echo "Installing what the tests need ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

run: $(VENV)/.run ## install, make the synthetic collection when there is none, open the app
	@$(PY) -m medmat_explorer serve

test: $(VENV)/.test lint ## everything: style, types, tests, browser tests
	@$(PY) tests/browser.py
	@$(PY) -m tests.side_by_side

lint: $(VENV)/.test ## style and types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

format: $(VENV)/.test ## put the code into the common form
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

bench: $(VENV)/.test ## measure; writes docs/benchmarks.md with machine, load and date
	@$(PY) -m tests.bench

screenshots: $(VENV)/.test ## make the pictures of the README from the running app
	@$(PY) tests/browser.py
	@$(PY) -m tests.screenshots

clean: ## remove what was installed and cached here (not your collections)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache test-artifacts
