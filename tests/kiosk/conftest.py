"""One server, and a browser without a microphone, for all tests of the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from ..browsers import launch
from .pages import Server, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with serving(VOICE_FAQ_KIOSK__OPERATOR="京津冀一卡通") as running:
        yield running


@pytest.fixture(scope="module")
def deaf_browser(playwright: Playwright) -> Iterator[Browser]:
    """Has no microphone."""
    browser = launch(playwright, None)
    yield browser
    browser.close()
