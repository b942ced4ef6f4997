# Relative paths only: make splits names at spaces, and the checkout may lie below such a folder.
PY := .venv/bin/python
# What a shell holds for other programs is not ours to hear: o2o/embedded/environment.txt.
RULES := o2o/embedded/environment.txt
FAMILIES := $(patsubst %,%%,$(shell sed -n 's/^family //p' $(RULES)))
unexport $(filter-out $(shell sed -n 's/^hear //p' $(RULES)),$(filter $(FAMILIES),$(.VARIABLES)))
# Tests have their own data, beside that of the demo.
TEST_ENV := O2O_MODE=test DATA_DIR="$${DATA_DIR:-.data/test}"
# The order of the files is that of tests/running.py: the longest first.
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help install demo demo-reset test lint rules test-suite torture fuzz looks long strings screenshots
.PHONY: bench bench-flow bench-city bench-against

help:
	@echo "make demo        the whole platform on this machine (PORT, HOST, DATA_DIR)"
	@echo "make demo-reset  the same, starting afresh: the data of the last demo is removed"
	@echo "make test        lint, types, layers, migrations, all tests in their short forms, the browser journeys"
	@echo "make torture     long storms, random histories, a hostile gateway, kills (SEED, HISTORIES, STEPS)"
	@echo "make fuzz        nonsense to every address, form, API body and file field, whole real files"
	@echo "                 (SEED, ROUNDS, EXAMPLES)"
	@echo "make long        every role, row and line where make test asks some of them (tests/forms.py)"
	@echo "make looks       axe on every screen at three widths, in both themes and languages"
	@echo "make bench       the benchmarks, missed targets marked; make bench-city: those of the pages alone"
	@echo "                 PART=one of: $(FLOW_PARTS) $(CITY_PARTS)"
	@echo "make bench-against COMMIT=…  an older commit against this one, in one run"
	@echo "make screenshots every screen in both languages, themes and widths (OUT)"
	@echo "make install     .venv with the locked packages"
	@echo "make lint        lint, types, layers, migrations"
	@echo "make strings    collect the strings for people into locale/, compile them"

install:
	@sh o2o/embedded/install.sh

demo: install
	@exec $(PY) -m o2o.embedded demo

demo-reset: install
	@$(PY) -m o2o.embedded reset
	@exec $(PY) -m o2o.embedded demo

lint: rules
	$(TEST_ENV) $(PY) -m mypy .

# What is told in seconds. make test asks for the types in tests/test_types.py, beside the other tests.
rules: install
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -c 'import sys; from importlinter.cli import lint_imports_command as main; sys.exit(main())'
	$(TEST_ENV) $(PY) manage.py makemigrations --check --dry-run

test: rules test-suite

# CHROMIUM: without a browser its tests are skipped, loudly; CI=true makes that a failure.
test-suite: install
	@chromium="$$($(PY) tests/browser/chromium.py)" || exit 1; \
	$(TEST_ENV) CHROMIUM="$$chromium" $(PY) -m pytest $(PYTEST_ARGS)

# Each run draws other seeds; SEED=7 does history 7 again. The names of the tests show their seeds.
# HISTORIES=2000 STEPS=50 is the long proof of the books: an hour of one core.
torture: install
	$(TEST_ENV) LONG=1 $(PY) -m pytest -m "torture or not torture" $(PYTEST_ARGS) tests/torture

# The long form of tests/nonsense and tests/api: each run another way, the same way again by its SEED.
fuzz: install
	@seed="$(or $(SEED),$$(od -An -N2 -tu2 /dev/urandom | tr -d ' '))"; \
	echo "SEED=$$seed make fuzz"; \
	export SEED="$$seed" ROUNDS="$(or $(ROUNDS),20)" EXAMPLES="$(or $(EXAMPLES),200)"; \
	$(TEST_ENV) $(PY) -m pytest -m fuzz tests/nonsense tests/stores && \
	$(TEST_ENV) $(PY) -m pytest tests/api/test_schema.py

# The rooms that have a short form and no target of their own for the long one.
LONG_FILES = $(shell grep -rl --include=*.py "tests.forms import LONG" tests)
LONG_ROOMS = $(filter-out tests/journeys/ tests/torture/,$(sort $(dir $(LONG_FILES))))
long: install
	$(TEST_ENV) LONG=1 $(PY) -m pytest $(PYTEST_ARGS) $(LONG_ROOMS)

# The screens in every look; make test judges some of them (tests/journeys/axe.py).
looks: install
	@chromium="$$($(PY) tests/browser/chromium.py)" || exit 1; \
	$(TEST_ENV) CHROMIUM="$$chromium" LONG=1 $(PY) -m pytest $(PYTEST_ARGS) \
		$(wildcard tests/journeys/test_accessibility*.py) \
		tests/journeys/test_long_words.py tests/journeys/test_big_text.py

# A database of its own, made anew each time: durable settings, as in the demo.
BENCH_ENV := O2O_MODE=demo DATA_DIR=.data/bench
FLOW_PARTS := start redeem order worker notes queries lists campaigns paper upgrade
CITY_PARTS := page-queries page-times connections phone
BENCH_PART := $(addprefix --part=,$(PART))
# Both halves are measured, whatever the first one missed; then a missed target is an error.
bench: install
	@failed=0; \
	$(if $(filter-out $(CITY_PARTS),$(or $(PART),all)),$(MAKE) --no-print-directory bench-flow || failed=1;) \
	$(if $(filter-out $(FLOW_PARTS),$(or $(PART),all)),$(MAKE) --no-print-directory bench-city || failed=1;) \
	exit $$failed

bench-flow: install
	@rm -rf .data/bench
	@$(BENCH_ENV) $(PY) manage.py migrate --noinput --verbosity=0
	@$(BENCH_ENV) $(PY) manage.py collectstatic --noinput --verbosity=0
	@$(BENCH_ENV) $(PY) manage.py bench $(BENCH_PART) $(BENCH_ARGS)

# The pages of the demo city; it is kept between runs, made afresh each day (tools/bench/city.py).
CITY_ENV := O2O_MODE=demo RATE_LIMITS=0 DATA_DIR="$${DATA_DIR:-.data/city}"
bench-city: install
	@$(CITY_ENV) $(PY) -m tools.bench.city
	@chromium="$$($(PY) tests/browser/chromium.py)"; \
	$(CITY_ENV) CHROMIUM="$$chromium" $(PY) manage.py bench --city $(BENCH_PART)

# Both commits measured in turn in one run; see the module's text.
bench-against: install
	@$(PY) -m tools.bench.against "$(COMMIT)"

screenshots: install
	@$(CITY_ENV) $(PY) -m tools.bench.city
	@chromium="$$($(PY) tests/browser/chromium.py)"; \
	$(CITY_ENV) CHROMIUM="$$chromium" $(PY) manage.py screenshots --out "$${OUT:-.data/screenshots}" $(SCREENSHOT_ARGS)

strings: install
	$(PY) manage.py strings
