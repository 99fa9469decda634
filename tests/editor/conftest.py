"""One editor and one browser for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from voice_faq.authoring.starting import start_folder

from ..kiosk.pages import launch, question_file
from .pages import PATIENCE_MS


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """It hears 退卡 asked."""
    browser = launch(playwright, question_file("canonical-refund", tmp_path_factory.mktemp("microphone")))
    yield browser
    browser.close()


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return start_folder(tmp_path / "我的问答")
