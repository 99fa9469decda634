# Every target sets up what it needs: a virtual environment in .venv and missing Debian packages.

VENV := .venv
BIN := $(VENV)/bin
RUN_PACKAGES := espeak-ng libportaudio2
KIOSK_PACKAGES := $(RUN_PACKAGES) chromium
TEST_PACKAGES := $(KIOSK_PACKAGES) pulseaudio pulseaudio-utils libasound2-plugins mosquitto

.PHONY: help demo kiosk test lint format bench screens clean

help:
	@echo "make demo   recognise, answer and speak a handful of recorded questions"
	@echo "make kiosk  open the touch and talk page full screen"
	@echo "make test   run the tests"
	@echo "make lint   ruff, mypy --strict and the order of the packages"
	@echo "make bench  latency, memory and start-up on this machine; FAQS=FOLDER: matching by tables of other fields"
	@echo "make screens  the pictures in docs/kiosk.md"
	@echo "make clean  remove what the other targets made"

demo: $(VENV)/run-ready
	@.ci/debian-packages $(RUN_PACKAGES)
	@$(BIN)/python -m voice_faq.evaluation.demo tests/data/recordings.tsv --out build/demo

kiosk: $(VENV)/run-ready
	@.ci/debian-packages $(KIOSK_PACKAGES)
	@$(BIN)/voice-faq kiosk --browser

test: $(VENV)/test-ready
	@.ci/debian-packages $(TEST_PACKAGES)
	@# Sound cards do not wait: what is heard in real time has the machine to itself.
	@$(BIN)/python -m pytest -m portaudio
	@# A third of the time is waiting: three workers for two cores, the longest files first (tests/conftest.py).
	@$(BIN)/python -m pytest -m "not portaudio" --numprocesses 3 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/test-ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/test-ready
	@.ci/debian-packages $(TEST_PACKAGES)
	@$(BIN)/python -m tests.bench.whole tests/data/recordings.tsv
	@$(BIN)/python -m tests.bench.starting
	@$(BIN)/python -m tests.bench.playback
	@$(BIN)/python -m tests.bench.voice
	@$(BIN)/python -m tests.kiosk.bench
	@$(BIN)/python -m tests.editor.bench --entries 1000
	@for entries in 0 1000 10000; do $(BIN)/python -m tests.bench.matching --entries $$entries; done
	@$(if $(FAQS),$(BIN)/python -m tests.bench.faqs "$(FAQS)")

# Pictures in docs/kiosk.md, half as large as the screens.
screens: $(VENV)/test-ready
	@.ci/debian-packages $(TEST_PACKAGES) imagemagick
	@SCREENS=all $(BIN)/python -m pytest -q tests/kiosk/test_screens.py
	@for picture in docs/screens/*.png; do \
		convert build/screens/$$(basename $$picture) -resize 50% -colors 64 PNG8:$$picture; done

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@python=$$(.ci/find-python) && $$python -m venv $(VENV) \
		|| { .ci/debian-packages python3-venv && rm -rf $(VENV) && $$(.ci/find-python) -m venv $(VENV); }

$(VENV)/run-ready: pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@# Half of a start would be compiling where no byte code may be written, on a read-only disk or by PYTHONDONTWRITEBYTECODE.
	@$(BIN)/python -m compileall -q voice_faq
	@touch $@

$(VENV)/test-ready: pyproject.toml $(VENV)/run-ready
	@echo "Adding test tools …"
	@# Compiled when it is imported: most of it never is, and pypinyin-dict and scipy alone take half a minute.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable ".[test]"
	@touch $@
