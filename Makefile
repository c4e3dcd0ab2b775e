# One command each; `make help` lists them. Everything is set up on first use, nothing outside this folder.
.DEFAULT_GOAL := help
.PHONY: help setup demo train prefer experiment test coverage lint types bench kernels build validate run prefixes serve clean

# The newest Python of the Lambda runtimes that works here; PYTHON=… overrides.
PYTHON ?= $(shell for p in python3.12 $$HOME/.pyenv/versions/3.12*/bin/python3.12 python3.13 $$HOME/.pyenv/versions/3.13*/bin/python3.13 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
RUNTIME := PYTHONPATH=layers/runtime $(BIN)/python
COMPILER := $(VENV)/.compiler
READY := $(VENV)/.ready
NATIVE := layers/runtime/abax_runtime/native
MODEL := $(NATIVE)/.ready

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## make the virtual environment, this machine's kernels, and fetch the model
	@$(MAKE) --no-print-directory --silent --jobs=2 $(READY) $(MODEL)

# Modules are compiled when they are first loaded: most of what is installed never is.
unexport PYTHONDONTWRITEBYTECODE

# Two steps, so that kernels are compiled while the other packages arrive.
$(COMPILER): constraints.txt
	@test -n "$(PYTHON)" || { echo "Abax needs Python 3.11 or newer on PATH"; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version); this takes some minutes, once"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-compile --constraint constraints.txt numba
	@touch $@

$(READY): pyproject.toml constraints.txt $(COMPILER)
	@$(PIP) install --no-compile --constraint constraints.txt --editable '.[dev]'
	@touch $@

# Without a compiler or a network everything else works: a close then says why no model worded it.
$(MODEL): $(COMPILER) layers/runtime/abax_runtime/program.py $(wildcard layers/runtime/kernels/*.py layers/runtime/kernels/*/*.py)
	@echo "compiling the model's kernels for this machine and fetching the default model, once"
	@mkdir -p $(NATIVE)
	@{ $(RUNTIME) -m kernels.build --target host && $(RUNTIME) -m abax_runtime fetch && touch $@; } || \
		echo "no model for now: see above; make goes on without one"

demo: setup ## close the sample company's books on the local engine and show the report
	@$(BIN)/abax demo

# Training has an environment of its own: torch is large, and nothing that ships needs it. On a machine with a
# CUDA device pip takes the build for it; TORCH=… names another.
TORCH ?= torch==2.13.0
TRAINER := .venv-train/.ready
PYTHON_TRAIN ?= $(shell for p in python3.11 $$HOME/.pyenv/versions/3.11*/bin/python3.11 $(PYTHON); do \
	$$p -c 'import venv' >/dev/null 2>&1 && echo $$p && break; done)
ADAPTER ?= extract
DATA ?= $(or $(ABAX_DATA),../shared/data)/$(if $(filter triage,$(ADAPTER)),mail,documents)
MINUTES ?= 330
PLAN_triage := --passes 3 --real 1 --longest 640 --batch-tokens 2048
ADAPTERS := PYTHONPATH=shared:.:layers/runtime

# Training frees and takes the same gigabytes at each step; memory that is given back has to be cleared again by the
# kernel, which took up to a third of a step. Kept, and in large pages where they are allowed, it takes none.
KEEPING := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=40000000000 MALLOC_TOP_PAD_=1000000000 \
	GLIBC_TUNABLES=glibc.malloc.hugetlb=1

$(TRAINER): training/constraints.txt
	@echo "setting up .venv-train with $$($(PYTHON_TRAIN) --version), once"
	@$(PYTHON_TRAIN) -m venv .venv-train
	@.venv-train/bin/pip install --quiet --no-compile '$(TORCH)'
	@.venv-train/bin/pip install --quiet --no-compile --constraint training/constraints.txt jinja2 peft pytest python-stdnum tokenizers transformers
	@touch $@

train: setup $(TRAINER) ## make an adapter: ADAPTER=extract MINUTES=330; the same command goes on after an interruption
	@$(ADAPTERS) .venv-train/bin/python -m pytest -q -o addopts= training/torch_tests
	@test -f build/adapters/$(ADAPTER)/data/card.json || \
		$(BIN)/python -m training.adapters data $(ADAPTER) $(if $(or $(wildcard $(DATA)),$(filter command%,$(origin DATA))),--data $(DATA))
	@$(ADAPTERS) $(KEEPING) .venv-train/bin/python -m training.adapters train $(ADAPTER) --minutes $(MINUTES) $(PLAN_$(ADAPTER))
	@$(BIN)/python -m training.adapters export $(ADAPTER)
	@$(BIN)/python -m training.adapters evaluate $(ADAPTER) --base

# From the adapter that ships, or FROM; pairs are of what people set right (`abax document labels`, `abax mail
# judgements`) and, with SAMPLE, of the adapter's own answers.
FROM ?= $(firstword $(wildcard layers/runtime/adapters/$(ADAPTER).gguf) build/adapters/$(ADAPTER)/$(ADAPTER).gguf)
PREFER := build/adapters/$(ADAPTER)/prefer
SAMPLE ?= 0

prefer: setup $(TRAINER) ## tune an adapter on pairs of answers: ADAPTER=extract FROM=… CORRECTIONS=… REPLIES=… SAMPLE=400
	@$(BIN)/python -m training.adapters pairs $(ADAPTER) --from $(FROM) --sample $(SAMPLE) \
		$(if $(CORRECTIONS),--corrections $(CORRECTIONS)) $(if $(REPLIES),--replies $(REPLIES))
	@$(ADAPTERS) $(KEEPING) .venv-train/bin/python -m training.adapters prefer $(ADAPTER) --from $(FROM) --minutes $(MINUTES)
	@$(BIN)/python -m training.adapters export $(ADAPTER) --out $(PREFER)
	@$(BIN)/python -m training.adapters judge $(ADAPTER) --from $(FROM) --to $(PREFER)/before
	@$(BIN)/python -m training.adapters judge $(ADAPTER) --from $(PREFER)/$(ADAPTER).gguf --to $(PREFER)/after
	@$(BIN)/python -m training.adapters guard $(ADAPTER) --before $(PREFER)/before --after $(PREFER)/after

EXPERIMENT := training.experiments.preference
SECONDS_EACH ?= 600

experiment: setup $(TRAINER) ## continued training, DPO, PPO and a group baseline beside each other: FROM=…
	@$(BIN)/python -m $(EXPERIMENT) prepare --from $(FROM)
	@for arm in sft dpo ppo group; do \
		$(ADAPTERS) $(KEEPING) .venv-train/bin/python -m $(EXPERIMENT) arm $$arm --seconds $(SECONDS_EACH) || exit 1; done
	@for arm in start sft dpo ppo group; do $(BIN)/python -m $(EXPERIMENT) judge $$arm || exit 1; done
	@$(BIN)/python -m $(EXPERIMENT) table

test: setup ## run the tests, on all cores; ARGS="-k ledger" for some
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

coverage: ## run the tests and say which lines none of them reaches
	@$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term:skip-covered --cov-fail-under=85"

lint: $(READY) ## check style, layer order and dead formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@PYTHONPATH=shared:layers/runtime $(BIN)/lint-imports

types: $(READY) ## check types
	@$(BIN)/mypy

bench: $(READY) ## measure speed and accuracy beside a peer; NAME=statements for one
	@$(PIP) install --constraint constraints.txt --editable '.[dev,bench]'
	@$(BIN)/python -m benchmarks.support.peer
	@$(BIN)/python -m benchmarks $(NAME)

validate: $(READY) ## check the templates with the SAM command line
	@infra/sam validate --lint

kernels: $(COMPILER) ## compile the model runtime's kernels, one library per kind of CPU
	@$(RUNTIME) -m kernels.build

build: $(READY) ## build the functions and layers for deployment, and check their sizes
	@infra/sam build
	@$(BIN)/python -m infra.sizes

run: $(READY) ## feed a sample event to one function: make run FN=extract_erp EVENT=events/…
	@$(BIN)/python -m infra.local invoke $(FN) $(EVENT)

prefixes: setup ## read the fixed beginnings of all prompts once, so that no request has to
	@$(BIN)/abax prompts beginnings | $(RUNTIME) -m abax_runtime prefix all - --length 4096

serve: setup ## edge mode: API and workers in one process, no cloud
	@$(BIN)/abax serve

clean: ## remove everything that was made here
	@rm -rf $(VENV) .venv-sam .venv-train build .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage shared/*.egg-info $(NATIVE)
