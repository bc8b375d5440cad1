# Everything needs nothing but Python 3.11 with venv and pip. `make` prints the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM := $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))
ON_LINUX := $(filter Linux,$(shell uname -s))
CAN_COMPILE := $(and $(ON_LINUX),$(shell command -v cc))
CAN_MOUNT := $(and $(ON_LINUX),$(filter 0,$(shell id -u)),$(shell unshare -m echo yes 2>/dev/null))
CAN_DEPLOY := $(or $(CI),$(shell PATH="$$PATH:/usr/sbin" sh -c 'command -v nginx && command -v caddy \
  && command -v promtool && command -v systemd-analyze && command -v rsync' >/dev/null && echo yes))
HERE := $(if $(CHROMIUM),, and not browser)$(if $(CAN_COMPILE),, and not compiled)$(if $(CAN_MOUNT),, and not mount)$(if $(CAN_DEPLOY),, and not deploy)
MARKS := not slow and not thorough$(HERE)

# Images of containers set it; each process of the tests would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-thorough test-slow test-all lab bench lint docs sample lock release clean test-lowest
.DEFAULT_GOAL := help

help: ## print these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/core ## receive receipts of 20,000 simulated messages and build the report
	@rm -rf data/demo
	@$(BIN)/dlr demo --data data/demo

test: $(VENV)/dev .venv-moto/installed lint ## lint, types, doctests and tests (under 10 minutes)
	@$(if $(CHROMIUM),,echo "No Chromium on this machine: browser tests are skipped.")
	@$(if $(CAN_DEPLOY),,echo "No nginx, caddy, promtool, systemd-analyze or rsync: tests of deploy/ are skipped.")
	@$(if $(CAN_COMPILE),,echo "No C compiler, or not Linux: tests with intercepted system calls are skipped.")
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "$(MARKS)"

test-thorough: $(VENV)/dev .venv-moto/installed ## tests of seconds each: pages, whole commands, faults (20 minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "thorough and not slow$(HERE)"

test-slow: $(VENV)/dev .venv-moto/installed ## slow tests: statistics over many seeds, fault injection in bulk
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "slow$(HERE)"

test-all: test test-thorough test-slow ## all three

test-lowest: ## test and test-thorough, with the lowest versions of the dependencies, in .venv-lowest
	@$(MAKE) --no-print-directory .venv-lowest/dev .venv-moto/installed VENV=.venv-lowest LOWEST=yes
	@.venv-lowest/bin/python -m pytest -n 2 --dist loadfile -m "not slow$(HERE)" \
	  -W ignore::DeprecationWarning -W ignore::UserWarning # that old releases have of what came later

lint: $(VENV)/dev ## ruff and mypy
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . && $(BIN)/mypy

lab: $(VENV)/lab ## open JupyterLab on notebooks/
	@$(BIN)/dlr lab

docs: $(VENV)/dev ## build the documentation site in site/, which needs no network
	@NO_MKDOCS_2_WARNING=1 PYTHONPATH=. $(BIN)/python -m mkdocs build --quiet --strict && echo site/index.html

bench: $(VENV)/bench ## run the benchmarks of docs/benchmarks.md
	@$(BIN)/python -m tests.bench

sample: $(VENV)/dev ## rebuild data/sample/
	@$(BIN)/python -m tests.support.sample

lock: $(VENV)/core ## renew the image's requirements with hashes (deploy/docker/)
	@$(BIN)/python deploy/docker/lock.py

release: $(VENV)/release ## check the tagged commit, build wheel and sdist twice, compare, store in dist/
	@$(BIN)/python deploy/release/release.py

clean: ## remove the environment, the demo and the site
	@rm -rf $(VENV) .venv-lowest .venv-moto data/demo site dist

# One environment with optional extras. Each stamp file depends on pyproject.toml, so that nothing is
# installed twice and later runs need no network.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "dlr_analytics needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/core: pyproject.toml | $(VENV)/bin/python
	@$(call install,.)
$(VENV)/lab: pyproject.toml | $(VENV)/bin/python
	@$(call install,.[lab])
$(VENV)/dev: pyproject.toml | $(VENV)/bin/python
	@$(call install,.[lab$(comma)s3],dev)
$(VENV)/bench: $(VENV)/dev
	@$(call install,.[lab],bench)

$(VENV)/release: $(VENV)/core
	@$(call install,.,release)

# moto's S3 server, for the tests of buckets. Its dependencies are not ours, so it has its own environment.
.venv-moto/installed: pyproject.toml
	@echo "Installing moto into .venv-moto (once) ..." && $(PYTHON) -m venv .venv-moto && \
	  .venv-moto/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1' && \
	  .venv-moto/bin/python -m pip install --quiet --disable-pip-version-check --group moto && touch $@

comma := ,
# $(1): the package with its extras; $(2): a dependency group, which pip knows since 25.1.
install = echo "Installing dependencies into $(VENV) (once) ..." && \
  $(if $(LOWEST),$(BIN)/python -m tests.support.lowest > $(VENV)/lowest.txt &&) \
  $(if $(2),$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1' &&) \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '$(1)' \
    $(if $(2),--group $(2)) $(if $(LOWEST),-c $(VENV)/lowest.txt) && touch $@
