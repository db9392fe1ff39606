# make run    start Vitrine on http://127.0.0.1:8501
# make test   set up whatever is missing and run every test this machine can run
# make check  formatting, linting, tests
# make bench  the measurements behind docs/quality.md
# make cluster  models on Ray Serve, two web processes and a proxy on this machine (docs/cluster.md)
# make dev    run, reloading pages as they are edited

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8501
# Deflating each small message costs a quarter of a rerun; behind a slow network let the proxy compress.
# Who is believed to be a proxy is VITRINE_TRUSTED_PROXIES' matter, not the server's.
# glibc would give each thread a heap of its own, whose free memory is of no use to the others: half a gigabyte.
export MALLOC_ARENA_MAX ?= 2
SERVER := --ws-per-message-deflate false --no-proxy-headers --no-access-log --log-level warning

.PHONY: run cluster dev test check bench bench-peers texts

run: $(VENV)/.installed
	@echo "Vitrine: http://$(HOST):$(PORT)"
	@# Streamlit opens three files for each visitor, and some systems allow 256.
	@ulimit -S -n 8192 2>/dev/null; $(BIN)/uvicorn streamlit_app:app --host $(HOST) --port $(PORT) $(SERVER)

cluster: .venv-serving/.installed
	@.venv-serving/bin/python -m serving.one_machine --port $(PORT) --python $(BIN)/python

dev: $(VENV)/.installed
	VITRINE_DEV=1 $(BIN)/uvicorn streamlit_app:app --host $(HOST) --port $(PORT)

test: $(VENV)/.installed-dev
	@tests/install_browser.sh
	@$(MAKE) -s .venv-serving/.installed || echo "Ray could not be installed; the tests that need it are skipped."
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

# Ray beside what is installed already: the web processes and a local run do without.
.venv-serving/.installed: requirements-serving.txt $(VENV)/.installed
	@test -x .venv-serving/bin/python || $(PYTHON) -m venv .venv-serving
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
		> "$$(.venv-serving/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/vitrine.pth"
	.venv-serving/bin/python -m pip install -q --disable-pip-version-check -r requirements-serving.txt
	@touch $@

.venv-bench/.installed: requirements-bench.txt
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q --disable-pip-version-check -r requirements-bench.txt
	@touch $@
