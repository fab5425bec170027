# make book: build the book.  make test: check everything.  `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The first Python on this machine that is new enough; name another with PYTHON=...
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
REQUIREMENTS ?= requirements.txt
VENV := .venv
BIN := $(abspath $(VENV))/bin
EXECUTED := executed-chapters# not under _build: nbmake passes over every folder of that name
FRONT := PATH="$(BIN):$$PATH" npm --prefix frontend
STEP = @printf '\n== %s  (%s)\n'

export GAN_LAB_STATIC = 1
export OMP_NUM_THREADS ?= 1
export PYTHONUNBUFFERED = 1
export UV_INDEX_STRATEGY = unsafe-best-match
export UV_LINK_MODE ?= copy

.PHONY: help book serve lab test check lint types front chapters pages bench chromium requirements clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

# --- set-up -----------------------------------------------------------------------------------------------------

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then echo "No Python 3.11 or newer was found: install one, or name it: make book PYTHON=..."; exit 1; fi
	$(PYTHON) -m venv $(VENV)

# uv installs several times faster than pip; where it cannot be had, pip does the same.
define install
	@echo "Installing $(1) into $(VENV) ..."
	@if $(BIN)/python -m pip install -q --disable-pip-version-check uv; then \
		$(BIN)/uv pip install -q --python $(BIN)/python -r $(1) && \
		$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .; \
	else \
		$(BIN)/python -m pip install -q -r $(1) && $(BIN)/python -m pip install -q --no-deps -e .; \
	fi
endef

$(VENV)/.book: $(REQUIREMENTS) pyproject.toml | $(BIN)/python
	$(call install,$(REQUIREMENTS))
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.book
	$(call install,requirements-test.txt)
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json $(VENV)/.test
	$(FRONT) ci
	@touch $@

chromium: $(VENV)/.test  ## find a Chromium for the browser tests, or install one
	@$(BIN)/python -m benchmarks.browser

# --- the book ---------------------------------------------------------------------------------------------------

book: $(VENV)/.book  ## build the book into _build/html
	@$(BIN)/python book/_ext/build.py

serve: book  ## build the book and open it in a browser
	@$(BIN)/python book/_ext/serve.py

lab: $(VENV)/.book  ## open the chapters in JupyterLab
	@env -u GAN_LAB_STATIC -u OMP_NUM_THREADS $(BIN)/jupyter lab book

# --- checks -----------------------------------------------------------------------------------------------------

test: $(VENV)/.test chromium lint types front chapters pages  ## set up what is missing and check everything

lint: $(VENV)/.test  ## ruff
	$(STEP) lint "$$(date +%T)"
	@$(BIN)/ruff check .

types: $(VENV)/.test  ## mypy
	$(STEP) types "$$(date +%T)"
	@$(BIN)/mypy

front: frontend/node_modules/.package-lock.json  ## the front end: types, tests, and the committed build is the source's
	$(STEP) "front end" "$$(date +%T)"
	@$(FRONT) run -s check
	@built=$$(mktemp -d) && trap 'rm -rf $$built' EXIT && OUT_DIR=$$built $(FRONT) run -s build && \
		diff -rq $$built gan_lab/widgets/static || { \
			echo "The built scripts are not what their source builds: run \`npm run build\` in frontend/ and commit them."; exit 1; }
	@$(FRONT) test

chapters: $(VENV)/.test  ## unit tests, and every notebook through nbmake
	$(STEP) "unit tests and chapters" "$$(date +%T)"
	@$(BIN)/python book/_ext/build.py --copy $(EXECUTED)
	@$(BIN)/python book/_ext/warm.py $(BIN)/pytest -q -n 2 --dist worksteal --durations=8 --ignore=tests/browser \
		--junitxml=_build/tests/chapters.xml \
		--nbmake --overwrite --nbmake-timeout=600 $(EXECUTED) tests

# A browser shares two cores with another: a test that fails is played once more, and the summary names it as RERUN.
# That is a fault to be found, in the test or in the page, but no reason to throw a whole run away; more than a few
# are (MOST_RERUNS in tests/browser/conftest.py).
pages: chromium chapters  ## the published pages in a real browser
	$(STEP) "the book, from the notebooks just executed" "$$(date +%T)"
	@$(BIN)/python book/_ext/build.py --executed $(EXECUTED)
	$(STEP) "published pages" "$$(date +%T)"
	@$(BIN)/pytest -q -n 2 --dist worksteal --durations=8 --junitxml=_build/tests/pages.xml \
		--reruns 1 -rR tests/browser

check: $(VENV)/.test chromium  ## what depends on the files changed since the last commit (SINCE=main: since main)
	@$(BIN)/python -m tests.affected --since $(or $(SINCE),HEAD)

bench: $(VENV)/.test  ## measure what is promised of speed; on a quiet machine
	@failed=; for name in listing seeds compile gpu; do \
		printf '\n== %s\n' $$name; env -u OMP_NUM_THREADS $(BIN)/python -m benchmarks $$name || failed="$$failed $$name"; done; \
		if [ -n "$$failed" ]; then echo "under their bar:$$failed"; exit 1; fi

# --- upkeep -----------------------------------------------------------------------------------------------------

COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header pyproject.toml --extra book
HEADER = \# Exact versions, compiled from the ranges in pyproject.toml: `make requirements` writes this file.

requirements: | $(BIN)/python  ## compile the requirements files from pyproject.toml
	@$(BIN)/python -m pip install -q uv
	@{ echo '$(HEADER)'; $(COMPILE) $(UPGRADE); } > .requirements.tmp && mv .requirements.tmp requirements.txt
	@{ echo '$(HEADER)'; echo '# It holds what the checks need besides requirements.txt.'; \
		$(COMPILE) --extra test -c requirements.txt | \
		awk -F'==' 'NR == FNR {known[$$1] = 1; next} !($$1 in known)' requirements.txt -; \
		} > .requirements.tmp && mv .requirements.tmp requirements-test.txt
	@$(BIN)/python book/_ext/cpu_requirements.py requirements.txt .binder/requirements.txt

clean:  ## remove the built book and its cache (not .venv)
	rm -rf _build $(EXECUTED)
