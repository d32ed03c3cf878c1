# Two commands do everything on a fresh machine: make demo, make test.
.PHONY: demo test lab check docs setup benchmarks clean
PY := .venv/bin/python

demo: setup            ## set up, then run the whole lifecycle into demo-lab/
	$(PY) -m veml_lab.cli demo --out demo-lab $(ARGS)

test: setup-browser    ## set up, then every check and test: Python, TypeScript, browser
	$(MAKE) --no-print-directory check
	cd js && npm test --silent
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

lab: setup             ## open JupyterLab on the demo's lab
	@test -f demo-lab/lab.toml || $(MAKE) --no-print-directory demo
	$(PY) -m veml_lab.cli lab demo-lab $(ARGS)

check: setup           ## ruff, mypy, layers, tsc, links of the guides
	$(PY) -m ruff check veml_lab tests benchmarks scripts
	$(PY) -m ruff format --check veml_lab tests benchmarks scripts
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache
	cd js && npx --no-install tsc --noEmit
	$(PY) scripts/architecture.py --check
	$(PY) -m sphinx -q -W --keep-going -b dummy -d artefacts/docs-trees docs artefacts/docs

docs: setup            ## the guides and the API reference as a site: artefacts/docs/index.html
	$(PY) -m sphinx -q -W --keep-going -b html -d artefacts/docs-trees docs artefacts/docs
	@echo "open artefacts/docs/index.html"

setup:
	@scripts/setup.sh

setup-browser:
	@WITH_BROWSER=1 scripts/setup.sh

benchmarks: setup      ## the tables of docs/results (minutes)
	for b in benchmarks/[a-z]*.py; do $(PY) $$b || exit 1; done

clean:
	rm -rf demo-lab artefacts .pytest_cache .mypy_cache .ruff_cache
