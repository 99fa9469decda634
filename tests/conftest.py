"""What several tests share: the shipped FAQ and model, and a sound server with null sinks."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from voice_faq.faq import Faq, load_faq
from voice_faq.files import write_whole
from voice_faq.matching import Matcher
from voice_faq.recognition import VoskRecognizer
from voice_faq.recognition.model_folder import find_model
from voice_faq.settings import APP_NAME, Settings

from .browsers import PATIENCE_MS, launch, question_file
from .sound_server import PROGRAMS, SoundServer
from .sound_server import sound_server as start_sound_server

DATA = Path(__file__).parent / "data"
NEVER_OLD = 4_000_000_000  # seconds since 1970


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long first, so that no worker is left with one; a browser's waiting beside others' computing."""
    files: dict[Path, list[pytest.Item]] = {}
    waiting: list[list[pytest.Item]] = []
    working: list[list[pytest.Item]] = []
    quick: list[list[pytest.Item]] = []
    for item in items:
        files.setdefault(item.path, []).append(item)
    for of_file in files.values():
        marks = {mark.name for item in of_file for mark in item.iter_markers()}
        kind = waiting if "browser" in marks else working if marks & {"recognition", "voice"} else quick
        kind.append(of_file)
    pairs = itertools.chain.from_iterable(itertools.zip_longest(waiting, working, fillvalue=[]))
    items[:] = itertools.chain(*pairs, *quick)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all workers and what they start, so that the shipped FAQ is not learned again and again."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "cache"


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> None:
    """Servers that live longer than one test count and keep nowhere else."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.getbasetemp() / "state")
    os.environ["XDG_CACHE_HOME"] = str(cache)


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings or models of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    for name in [n for n in os.environ if n.startswith("VOICE_FAQ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="session")
def faq(settings: Settings) -> Faq:
    return load_faq(settings.answers)


@pytest.fixture(scope="session")
def learned_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of ``matcher``, empty when it began to learn."""
    return tmp_path_factory.mktemp("learned")


@pytest.fixture(scope="session")
def matcher(faq: Faq, settings: Settings, learned_in: Path, cache: Path) -> Matcher:
    learned = Matcher(faq, settings.wrong_answers, cache=learned_in)
    for file in learned_in.iterdir():
        kept = cache / APP_NAME / file.name
        write_whole(kept, file.read_bytes())
        os.utime(kept, (NEVER_OLD, NEVER_OLD))  # whatever else is learned
    return learned


@pytest.fixture(scope="session")
def recognizer(settings: Settings) -> VoskRecognizer:
    return VoskRecognizer(find_model(settings), alternatives=settings.alternatives)


@pytest.fixture(scope="session")
def sound_server() -> Iterator[SoundServer]:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: pulseaudio pulseaudio-utils)")
    with start_sound_server() as server:
        yield server


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The only one of a process, as Playwright does not start beside itself.

    It ends with its file: while it runs, its thread has a running event loop, and no other test could use one.
    """
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """It hears canonical-refund, 退卡, asked."""
    browser = launch(playwright, question_file("canonical-refund", tmp_path_factory.mktemp("microphone")))
    yield browser
    browser.close()
