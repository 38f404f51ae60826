# Thin on purpose: tools/env.py makes the environment that a target needs, once, and runs Python in it.
PYTHON ?= python3
STUDY = @$(PYTHON) tools/env.py study
TEST = @$(PYTHON) tools/env.py test

.PHONY: help lab test test-quick lint style bench build reset save

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

lab:  ## open the workbook in JupyterLab (options of jupyter lab: ARGS="--no-browser")
	$(STUDY) -m nnlib.workbook.lab $(ARGS)

test:  ## run every test, after installing what the tests need
	@$(PYTHON) tools/chromium.py
	$(TEST) -m pytest $(ARGS)

test-quick:  ## run the tests that need no browser and no whole chapter, in under three minutes
	$(TEST) -m pytest -m "not slow" $(ARGS)

lint:  ## check the style of the code, and its types
	$(TEST) -m ruff check $(ARGS)
	$(TEST) -m mypy

style:  ## print the figures that the style sets for the library: lines, lengths of functions
	@$(PYTHON) tools/style_figures.py

bench:  ## time the library beside its peers, some minutes; writes benchmarks/latest.md (one workload: ARGS="--only B")
	@$(PYTHON) tools/env.py bench benchmarks/bench.py $(ARGS)

build:  ## make chapters/ and solutions/ from source/ (one chapter: ARGS="--only 01")
	$(TEST) source/build.py $(ARGS)

reset:  ## start a chapter over, your copy is kept (CHAPTER=05)
	$(STUDY) source/build.py --reset $(or $(CHAPTER),$(error say which chapter: make reset CHAPTER=05))

save:  ## zip your answers, your progress and your library into chapters/my_work.zip
	@NNLIB_STATE=$${NNLIB_STATE:-chapters} $(PYTHON) tools/env.py study -c "from nnlib.workbook import save_work; save_work()"
