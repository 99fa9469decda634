"""One server and one browser for all tests of the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from .pages import Server, launch, question_file, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with serving(VOICE_FAQ_KIOSK__OPERATOR="京津冀一卡通") as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Hears canonical-refund."""
    browser = launch(playwright, question_file("canonical-refund", tmp_path_factory.mktemp("microphone")))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def deaf_browser(playwright: Playwright) -> Iterator[Browser]:
    """Has no microphone."""
    browser = launch(playwright, None)
    yield browser
    browser.close()
