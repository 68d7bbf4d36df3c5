# Everything a newcomer needs; each target does its own set-up (setup.sh), which takes no time once it is done.
#   make run          try the appliance: a demonstration with real phones, then it stays up   (ONCE=1: ends after it;
#                     SWITCH=freeswitch: on FreeSWITCH, which docs/freeswitch-install.md says how to get)
#   make test         all tests                                                               (T=tests/unit: some of them;
#                     REQUIRE=freeswitch: those that need one fail where there is none, instead of being skipped)
#   make test-box     the plays of ansible/ on bare Debians that are booted in containers: installed, called, attacked,
#                     restarted, upgraded, removed; a quarter of an hour                      (REQUIRE=box: fails where
#                     none can be booted, instead of being skipped; parts of it also want freeswitch, softphones, acme)
#   make bench        the measurements beside the switch's own queue                         (SWITCH=freeswitch: on that)
#   make check        ruff, mypy, ansible-lint and yamllint
CONFIG ?= config
T ?= tests
BIN := .venv/bin

.PHONY: run test test-box bench check setup clean

run: setup
	@$(BIN)/appliance -c $(CONFIG) lab $(if $(filter-out 0,$(ONCE)),--once) $(if $(SWITCH),--switch $(SWITCH))

test: setup
	@$(if $(REQUIRE),APPLIANCE_REQUIRE='$(REQUIRE)') $(BIN)/python -m pytest $(T)

test-box:
	@BOX=1 ./setup.sh
	@APPLIANCE_BOX=1 $(if $(REQUIRE),APPLIANCE_REQUIRE='$(REQUIRE)') $(BIN)/python -m pytest tests/box

bench: setup
	@$(BIN)/python -m tests.bench $(if $(SWITCH),--switch $(SWITCH))

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/yamllint --strict .
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --offline -qq ansible

setup:
	@./setup.sh

clean:
	rm -rf .venv .lab build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
