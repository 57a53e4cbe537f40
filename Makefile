# Two commands do everything: `make epub pdf` and `make test`. `make help` lists the others.
# BOOK=path builds another book: a folder or one Markdown file.
# FONT=name is a font family.

BOOK ?=
FONT ?=
SHELL := /bin/bash
.DEFAULT_GOAL := book

# Homebrew's libraries are not on the default path of macOS.
ifeq ($(shell uname -s),Darwin)
LIBRARIES := DYLD_FALLBACK_LIBRARY_PATH="$$(brew --prefix)/lib" PATH="$$PATH:$$(brew --prefix)/opt/openjdk/bin"
endif
RUN := $(LIBRARIES) .venv/bin/
PYTEST := $(RUN)python -m pytest

.PHONY: book epub pdf check-book font test quick fuzz check lint types golden figures pictures graph bench install lock clean distclean help

book: .venv/run.stamp ## make both outputs of the book, the EPUB with the pages of the PDF (the default)
	@$(RUN)publish build $(BOOK)

epub: .venv/run.stamp ## make dist/NAME.epub from book/, or from BOOK=path
	@$(RUN)publish epub $(BOOK)

pdf: .venv/run.stamp ## make dist/NAME.pdf from book/, or from BOOK=path
	@$(RUN)publish pdf $(BOOK)

check-book: .venv/test.stamp ## ask the outside judges about the book, or BOOK=path
	@$(RUN)publish check $(BOOK)

font: .venv/run.stamp ## install a font family of Google's for your books: FONT="EB Garamond"
	@scripts/setup.sh font "$(FONT)"

test: .venv/test.stamp ## run every test, outside judges and real books included (minutes)
	@$(PYTEST) -n auto --dist loadgroup --no-loadscope-reorder

quick: .venv/test.stamp ## run the quick tests, without the judges and the real books (under a minute)
	@$(PYTEST) -n auto --dist worksteal -m "not slow and not judge"

fuzz: .venv/test.stamp ## run the tests of rules and parsers on texts that no run has seen
	@HYPOTHESIS_PROFILE=default $(PYTEST) -m "not judge" -k "$$(grep -l '^@given' tests/*.py | sed 's|.*/||; s|[.]py||' | paste -sd '|' | sed 's/|/ or /g')"

check: lint types quick ## the gate before a commit: lint, types, quick tests

lint: .venv/test.stamp ## look for what ruff refuses
	@$(RUN)ruff check
	@$(RUN)ruff format --check

types: .venv/test.stamp ## prove the types
	@$(RUN)mypy

golden: .venv/test.stamp ## accept the present pages as the expected ones; read the diff before you commit it
	@$(PYTEST) --accept -m "not slow and not judge"
	@git diff --stat -- tests docs

figures: .venv/test.stamp ## draw the figures and the cover of the default book
	@$(RUN)python book/figures
	@$(RUN)python book/figures/couverture.py
	@$(RUN)python book/figures/ornements.py

pictures: .venv/test.stamp epub pdf ## make the pictures of README.md from the default book (needs Chromium)
	@$(RUN)python scripts/pictures.py

graph: .venv/test.stamp ## print which module imports which
	@$(RUN)python tests/test_architecture.py

bench: .venv/bench.stamp ## measure beside Pandoc, Typst and plain WeasyPrint (BOOK=path)
	@$(RUN)python bench/bench.py $(if $(BOOK),--book $(BOOK))

install: .venv/run.stamp ## set up what building a book needs

.venv/test.stamp .venv/bench.stamp: requirements/npm/package-lock.json
.venv/%.stamp: requirements/%.txt pyproject.toml scripts/setup.sh
	@scripts/setup.sh $*

lock: ## choose the newest allowed versions and write requirements/ (needs uv)
	uv pip compile $(LOCK) --group build -o requirements/run.txt pyproject.toml
	uv pip compile $(LOCK) --group build --group dev --group figures -c requirements/run.txt -o requirements/test.txt pyproject.toml
	uv pip compile $(LOCK) --group build --group dev --group figures --group bench -c requirements/test.txt \
		-o requirements/bench.txt pyproject.toml
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade

clean: ## remove what was built
	rm -rf dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

distclean: clean ## the same, and the virtual environment
	rm -rf .venv

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "%-12s %s\n", $$1, $$2 }'
