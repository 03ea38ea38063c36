# Every target does its own set-up: the first one that needs it makes .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench lint contracts types docs sizes clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(READY)  ## the environment in .venv

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("psdmon needs Python 3.11 or later; possible: make PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,pdf]'
	@touch $(READY)

demo: $(READY)  ## a made-up force, one case, on screen
	$(BIN)/psdmon --home demo-home demo --fresh

test: $(READY)  ## the whole suite, about six minutes on two cores
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: $(READY)  ## ruff, formatting included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

contracts: $(READY)  ## who may import whom
	$(BIN)/lint-imports

docs: $(READY)  ## the pages that are generated from the code
	$(BIN)/python -m tests.generate_pages

BENCHES := $(VENV)/.bench-ready

$(BENCHES): $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	@touch $(BENCHES)

bench: $(BENCHES)  ## the slower evidence, with its figures; make bench-NAME for one of them; QUICK=1
	$(BIN)/python -m tests.benchmarks $(if $(QUICK),--quick)

bench-%: $(BENCHES)
	$(BIN)/python -m tests.benchmarks $(if $(QUICK),--quick) $*

sizes: $(READY)  ## files and functions beyond the habits of the house
	$(BIN)/python -m tests.contracts.sizes

clean:  ## removes what make made
	rm -rf $(VENV) demo-home bench-out .mypy_cache .ruff_cache .pytest_cache
