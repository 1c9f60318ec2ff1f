# The commands of the README. Everything works in .venv; nothing needs activating.
.PHONY: help setup run test lint bench screenshots desktop-entry desktop-entry-remove clean

VENV := .venv
PYTHON := $(VENV)/bin/python

help:
	@echo "make run                   set up and start Greenbar on the sample repository"
	@echo "make test                  set up what the tests need and run them all"
	@echo "make lint                  style, types and import contracts"
	@echo "make bench                 measure speed and scale, half an hour (JSON); ARGS=NAME for one"
	@echo "make screenshots           picture the program at work into docs/screenshots"
	@echo "make desktop-entry         add Greenbar to this user's menu, for a double-click"
	@echo "make desktop-entry-remove  take it away again"
	@echo "make clean                 remove .venv and caches in this folder"

setup:
	@bash packaging/setup.sh run

run: setup
	@bash packaging/run.sh

test:
	@bash packaging/setup.sh test
	@bash packaging/test.sh $(ARGS)

lint:
	@bash packaging/setup.sh dev
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

bench:
	@bash packaging/setup.sh test >&2
	@$(PYTHON) -m tests.bench $(ARGS)

screenshots:
	@bash packaging/setup.sh screenshots
	@bash packaging/screenshots.sh

desktop-entry: setup
	@bash packaging/desktop-entry.sh install

desktop-entry-remove:
	@bash packaging/desktop-entry.sh remove

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
