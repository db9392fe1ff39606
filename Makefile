# make run    start Vitrine on http://127.0.0.1:8501
# make test   set up whatever is missing and run every test this machine can run
# make check  formatting, linting, tests
# make bench  the measurements behind docs/quality.md
# make dev    run, reloading pages as they are edited

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8501
# Deflating each small message costs a quarter of a rerun; behind a slow network let the proxy compress.
# Who is believed to be a proxy is VITRINE_TRUSTED_PROXIES' matter, not the server's.
SERVER := --ws-per-message-deflate false --no-proxy-headers --no-access-log --log-level warning

.PHONY: run dev test check bench bench-peers texts

run: $(VENV)/.installed
	@echo "Vitrine: http://$(HOST):$(PORT)"
	@$(BIN)/uvicorn streamlit_app:app --host $(HOST) --port $(PORT) $(SERVER)

dev: $(VENV)/.installed
	VITRINE_DEV=1 $(BIN)/uvicorn streamlit_app:app --host $(HOST) --port $(PORT)

test: $(VENV)/.installed-dev
	@tests/install_browser.sh
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(MAKE) test

bench: $(VENV)/.installed-dev bench-peers
	@tests/install_browser.sh
	$(BIN)/python -m benchmarks.all --save

bench-peers: .venv-bench/.installed

# Collect the texts of the interface into the translation file: new ones come with an empty translation, old ones go.
texts: $(VENV)/.installed-dev
	@mkdir -p var
	$(BIN)/pybabel -q extract -F assets/locales/babel.cfg -k N_ --no-location --no-wrap --sort-output -o var/vitrine.pot .
	$(BIN)/pybabel -q update -D vitrine -i var/vitrine.pot -d assets/locales -l zh --no-wrap \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

$(VENV)/.installed: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

.venv-bench/.installed: requirements-bench.txt
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q --disable-pip-version-check -r requirements-bench.txt
	@touch $@
