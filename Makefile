.DEFAULT_GOAL := help
.PHONY: help e2e test cross-browser merge-reports soak headed lint bench workflow-rehearsal clean
PYTHON ?= python3
comma := ,
BIN := .venv/bin
OUT := test-results
PYTEST := $(BIN)/pytest
export PYTHONPATH := e2e
# A run starts some hundred Pythons: what they import is compiled once, also where bytecode is not to be written next to it.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/pycache
# So is Playwright's driver (Node.js), which each of them starts.
export NODE_COMPILE_CACHE := $(CURDIR)/.venv/node-cache
# The shop's checks have no use for hypothesis, whose plugin imports all of it.
CHECKS := e2e/tests -p no:hypothesispytest
# The whole suite keeps .test_durations, which is committed; a group of it must leave it alone, or the next one would be
# of another split.
DURATIONS := $(if $(findstring --splits,$(ARGS)),,--store-durations --durations-path .test_durations)
# What .venv/for-tests installs must be there where CI is set: a skip would hide that it is not.
ALL_OF_IT := $(if $(CI),--require redis$(comma)xvfb$(comma)firefox$(comma)chromium-headless-shell)

# A test often waits for its browser: one worker more than there are processors keeps them busy (20 % less time on two).
ONE_MORE := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

help:  ## say what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*##/make \1\t/p' Makefile | expand -t 20

e2e: .venv/ready  ## check the site's promises in a real browser
	@$(PYTEST) $(CHECKS) $(DURATIONS) -n auto --dist worksteal --junitxml=$(OUT)/junit.xml $(ARGS)

test: .venv/for-tests lint  ## pass everything: lint, types, the harness's own tests, the site's promises
	@$(PYTEST) $(ALL_OF_IT) -n $(ONE_MORE) --dist worksteal --junitxml=$(OUT)/junit.xml $(ARGS)
	@if test -e .venv/firefox; then \
	  $(PYTEST) $(ALL_OF_IT) --project firefox -m every_engine -n $(ONE_MORE) --dist worksteal \
	    --output=$(OUT)/firefox --junitxml=$(OUT)/firefox/junit.xml $(ARGS); \
	fi

cross-browser: .venv/ready  ## check the site's promises in every browser that can be had, and compare them
	@$(BIN)/python -m cookieproof cross-browser $(PROJECTS) -- $(CHECKS) -n auto --dist worksteal -q $(ARGS)

merge-reports: .venv/requirements  ## make one report of many runs: make merge-reports ARGS="DIR… --output DIR"
	@$(BIN)/python -m cookieproof merge-reports $(ARGS)

N ?= 20
soak: .venv/ready  ## check the site's promises many times in random order, and count what failed: make soak N=20
	@rm -rf $(OUT)/soak
	@-$(PYTEST) $(CHECKS) -p randomly --count=$(N) -n $(ONE_MORE) --dist worksteal -q --output=$(OUT)/soak $(ARGS)
	@$(BIN)/python -m cookieproof merge-reports $(OUT)/soak --output $(OUT)/soak-merged --fail-on-flaky

headed: .venv/ready  ## watch the checks in a window, slowly: make headed TEST=expression
	@$(PYTEST) $(CHECKS) --headed --slowmo 400 -k '$(TEST)' $(ARGS)

lint: .venv/ready  ## check style, types, CI's workflow, and who imports from whom
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@for check in "check-jsonschema --verbose --builtin-schema vendor.github-workflows" \
	  "zizmor --offline --no-progress --quiet --strict-collection"; do \
	  said=$$($(BIN)/$$check .github/workflows/*.yml 2>&1) || { echo "$$said"; exit 1; }; \
	done
	@said=$$($(BIN)/lint-imports --no-logo --no-cache 2>&1) || { echo "$$said"; exit 1; }

bench: .venv/ready  ## compare the cost of a restart check with the same steps in bare Playwright
	@$(BIN)/python e2e/bench.py

workflow-rehearsal: .venv/ready  ## run the run: lines of CI's workflow here, in clean clones: ENTRIES="chromium firefox"
	@$(BIN)/python e2e/workflow_rehearsal.py $(ENTRIES)

clean:  ## remove what was set up and what runs wrote
	@rm -rf .venv test-results build .mypy_cache .pytest_cache .ruff_cache e2e/*.egg-info
	@find . -name __pycache__ -prune -exec rm -rf {} +

# Set up once: the stamp is newer than what it was made from. Debian's python3 comes without venv.
.venv/requirements: requirements.txt
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { \
	  test -e /etc/debian_version && command -v apt-get >/dev/null || \
	    { echo "$(PYTHON) -m venv does not work here: install Python 3.11 or newer with venv." >&2; exit 1; }; \
	  echo "Installing Debian's python3-venv …"; \
	  sudo=$$(test "$$(id -u)" = 0 || echo sudo -n); \
	  { $$sudo apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends python3 python3-venv; \
	  } >/dev/null || { echo "As root, run: apt-get install python3-venv" >&2; exit 1; }; \
	  $(PYTHON) -m venv --clear .venv; }
	@echo "Installing the pinned requirements …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-compile -r requirements.txt
	@touch $@

.venv/ready: .venv/requirements e2e/cookieproof/commands/install.py
	@$(BIN)/python -m cookieproof install
	@touch $@

# What only the tests need: other people's frameworks, apart from what the harness runs with, two more engines, a
# screen and a Redis. Where CI is set, all must be there.
.venv/for-tests: .venv/ready e2e/selftests/site/frameworks.txt
	@rm -rf .venv/frameworks
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --no-deps --target .venv/frameworks \
	  -r e2e/selftests/site/frameworks.txt
	@$(BIN)/python -m cookieproof install --stamps .venv xvfb redis chromium-headless-shell firefox \
	  || test -z "$$CI"
	@touch $@
