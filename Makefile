# wayvid: `make run` and `make test` are all you need; `make help` lists the rest.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help bytecode setup run test test-slow check memtest-ci docs bench clean needs-setup needs-run needs-bench needs-test

SOURCE ?=
export SOURCE
BIN := .venv/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore $(BIN)/python -m pip install -q

# Stamps: what is newer than its stamp is done again, nothing else is.
CORE := .venv/.core
DEV := .venv/.dev

help:
	@echo "make run [SOURCE=FILE]   start the wallpaper; without a Wayland session, on a virtual desk"
	@echo "make test                check the code and run the tests"
	@echo
	@echo "make setup               only install what is missing and build; run and test do it, too"
	@echo "make check               only check the code: style, types, layers"
	@echo "make docs                build the site of docs/ into build/docs; fails on a broken link"
	@echo "make test-slow           run the tests that take long"
	@echo "make memtest-ci          a minute: memory and load within the bounds of tests/bounds.toml?"
	@echo "make bench               measure speed and memory"
	@echo "make clean               remove everything make has made here, .venv included"
	@echo
	@echo "PYTHON=/path/to/python   the Python (3.11 or newer) to make .venv with"

setup: needs-setup $(CORE) bytecode

run: needs-run $(CORE) bytecode
	@tools/run.sh "$$SOURCE"

test: needs-test $(CORE) $(DEV) check bytecode
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

test-slow: needs-test $(CORE) $(DEV) bytecode
	$(BIN)/python -m pytest -m slow

memtest-ci: needs-test $(CORE) bytecode
	$(BIN)/python -m wayvid memtest --ci tests/bounds.toml

check: needs-setup $(CORE) $(DEV)
	PATH="$(CURDIR)/$(BIN):$$PATH" tools/check.sh

# What is made from the code is made first; then what make check does with it.
docs: needs-setup $(CORE) $(DEV)
	$(BIN)/python -m tools.docs
	PATH="$(CURDIR)/$(BIN):$$PATH" tools/site.sh
	@echo "the site is build/docs/index.html"

bench: needs-bench $(CORE) bytecode
	$(BIN)/python -m bench

clean:
	rm -rf .venv build dist shots *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	rm -f wayvid/_core/*.so wayvid/_core/*.cpp wayvid/_core/*.html
	find wayvid tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The system's packages and .venv; quick when all is there, so no stamp.
needs-setup needs-run needs-bench needs-test: needs-%:
	@PYTHON="$(PYTHON)" tools/setup.sh $*

# Editable, so that a change of Python code needs no step; one of the core builds it in place.
$(CORE): pyproject.toml setup.py $(wildcard wayvid/_core/*.pyx wayvid/_core/*.pxd wayvid/_core/*.pxi)
	@echo "building wayvid into .venv"
	@$(BIN)/python tools/requirements.py build > .venv/build-requirements.txt
	@$(PIP) -r .venv/build-requirements.txt
	@$(PIP) --no-build-isolation -e .
	@touch $@

# As it is installed, also where PYTHONDONTWRITEBYTECODE is set: else each start compiles all modules anew. Both processes
# run under -OO (wayvid/link/spawn.py); what is there already takes a moment.
bytecode: $(CORE)
	@$(BIN)/python -m compileall -q -o 0 -o 2 wayvid

$(DEV): pyproject.toml tools/requirements.py
	@echo "installing the tools of tests and checks into .venv"
	@$(BIN)/python tools/requirements.py dev > .venv/dev-requirements.txt
	@$(PIP) -r .venv/dev-requirements.txt
	@touch $@
