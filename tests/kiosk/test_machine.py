"""The page's machine, without a page: every event in every state. Chromium only lends its JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .pages import Server

pytestmark = pytest.mark.browser
CHECKS = (Path(__file__).parent / "machine_checks.js").read_text(encoding="utf-8")
NAMES = re.findall(r'^    "([^"]+)": \(\) =>', CHECKS, flags=re.M)


@pytest.fixture(scope="module")
def javascript(deaf_browser: Browser, server: Server) -> Iterator[Page]:
    page = deaf_browser.new_page()
    page.goto(server.address + "health")
    page.evaluate(f"async () => {{ window.checks = ({CHECKS})(await import('/page/machine.js')); }}")
    assert page.evaluate("Object.keys(window.checks)") == NAMES
    yield page
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_machine(javascript: Page, name: str) -> None:
    javascript.evaluate("name => window.checks[name]()", name)
